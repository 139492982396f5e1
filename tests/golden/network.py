"""Writes tests/golden/network.h: losses and outputs of a small network trained by PyTorch.

    python tests/golden/network.py > tests/golden/network.h

Parameter i of the network (in Weir's order, which is PyTorch's) begins as 0.3 sin(0.7 i + 0.1), 1 being added to the
weights of the norms; number i of the input is cos(0.3 i); the class of row r is r % 3, its target j is sin(r + j)."""
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
ROWS, STEPS = 8, 6


class Flatten(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(6, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding='same'))
        self.projection = nn.Conv2d(6, 8, 1, stride=2, bias=False)

    def forward(self, x):
        return torch.relu(self.body(x) + self.projection(x))


def network(outputs):
    net = nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(3, 2, 1), Block(),
        nn.Conv2d(8, 8, (3, 2), groups=2), nn.GELU(), nn.AvgPool2d(2, 1, 1), Flatten(), nn.LayerNorm(32),
        nn.Linear(32, 5), nn.Tanh(), nn.Linear(5, outputs))
    i = 0
    with torch.no_grad():
        for name, p in net.named_parameters():
            p.copy_((0.3 * torch.sin(0.7 * torch.arange(i, i + p.numel()) + 0.1)).reshape(p.shape))
            i += p.numel()
        net[1].weight += 1
        net[9].weight += 1
    return net


x = torch.cos(0.3 * torch.arange(ROWS * 9 * 8 * 2)).reshape(ROWS, 9, 8, 2).permute(0, 3, 1, 2)
classes = torch.arange(ROWS) % 3
targets = torch.sin(torch.arange(ROWS)[:, None] + torch.arange(3)[None, :].double())
losses = [
    ('WEIR_CROSS_ENTROPY', 0, 0.1, 3, lambda y: nn.functional.cross_entropy(y, classes, label_smoothing=0.1)),
    ('WEIR_CROSS_ENTROPY', 0, 0, 3, lambda y: nn.functional.cross_entropy(y, classes)),
    ('WEIR_MSE', 0, 0, 3, lambda y: nn.functional.mse_loss(y, targets)),
    ('WEIR_MAE', 0, 0, 3, lambda y: nn.functional.l1_loss(y, targets)),
    ('WEIR_HUBER', 0.5, 0, 3, lambda y: nn.functional.huber_loss(y, targets, delta=0.5)),
    ('WEIR_BINARY_CROSS_ENTROPY', 0, 0, 1,
     lambda y: nn.functional.binary_cross_entropy_with_logits(y[:, 0], (classes > 0).double())),
]
optimizers = [
    ('WEIR_SGD', 0.05, 0, 0, lambda p: torch.optim.SGD(p, 0.05)),
    ('WEIR_SGD', 0.05, 0.01, 0.5, lambda p: torch.optim.SGD(p, 0.05, weight_decay=0.01)),
    ('WEIR_MOMENTUM', 0.02, 0.01, 0, lambda p: torch.optim.SGD(p, 0.02, momentum=0.9, weight_decay=0.01)),
    ('WEIR_NESTEROV', 0.02, 0, 0, lambda p: torch.optim.SGD(p, 0.02, momentum=0.9, nesterov=True)),
    ('WEIR_RMSPROP', 0.002, 0, 0, lambda p: torch.optim.RMSprop(p, 0.002)),
    ('WEIR_ADAM', 0.01, 0.02, 0, lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.02)),
    ('WEIR_ADAM', 0.01, 0, 0.3, lambda p: torch.optim.Adam(p, 0.01)),
    ('WEIR_ADAMW', 0.01, 0.02, 0, lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.02)),
]
print('/* Written by tests/golden/network.py with PyTorch', torch.__version__.split('+')[0], '*/')
print('static const struct golden goldens[] = {')
for l, loss in enumerate(losses):
    for o, optimizer in enumerate(optimizers):
        if l > 0 and o != 5:
            continue
        net = network(loss[3])
        opt = optimizer[4](net.parameters())
        seen = []
        for step in range(STEPS):
            opt.zero_grad()
            value = loss[4](net(x))
            value.backward()
            if optimizer[3]:
                nn.utils.clip_grad_norm_(net.parameters(), optimizer[3])
            opt.step()
            seen.append(value.item())
        net.eval()
        with torch.no_grad():
            y = net(x)[:2].flatten().tolist()
        print(f'    {{ {loss[0]}, {loss[1]}, {loss[2]}, {loss[3]}, {optimizer[0]}, {optimizer[1]}, {optimizer[2]}, {optimizer[3]},')
        print('      { ' + ', '.join(f'{v:.9g}' for v in seen) + ' },')
        print('      { ' + ', '.join(f'{v:.9g}' for v in y) + ' } },')
print('};')
