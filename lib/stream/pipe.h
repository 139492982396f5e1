/* Pipes between programs. */
#ifndef WEIR_STREAM_PIPE_H
#define WEIR_STREAM_PIPE_H

/* Asks for more room in a pipe, so that both ends can work at once; does nothing with anything else. */
void weir_pipe_enlarge(int descriptor);

#endif
