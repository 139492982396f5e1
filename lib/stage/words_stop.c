/* Words: short lists of the words that a language has for its grammar alone: articles, pronouns, prepositions,
 * conjunctions, auxiliary verbs; and a set of words. A plan names a list, so a list never changes. */
#include "base/hash.h"
#include "stage/words_private.h"

static const struct {
    const char *name, *code, *words;
} lists[] = {
    { "arabic", "ar",
      "من في على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين ما لا لم لن ان أن إن كان كانت يكون تكون هو هي هم هن نحن "
      "انا أنا انت أنت و أو او ثم قد كل بعد قبل بين عند حتى حيث كما لكن لكنه إذا اذا إلا الا غير أي اي هناك هنا منذ "
      "لدى "
      "ليس ليست به بها له لها فيه فيها منه منها عليه عليها" },
    { "dutch", "nl",
      "de het een en van in is op te dat die voor met niet zijn was aan er maar om ook als dan bij of nog naar uit "
      "door "
      "over ze zij hij ik je jij u we wij wat wie waar worden wordt werd werden heeft hebben had hadden ben bent waren "
      "deze dit daar hier hem haar hun hen mij mijn jouw uw ons onze al zo geen kan kunnen zal zullen zou zouden moet "
      "tot toen tegen onder omdat want" },
    { "english", "en",
      "a about after again all am an and any are as at be because been before being below between both but by can "
      "could "
      "did do does doing don't down during each few for from further had has have having he her here hers herself him "
      "himself his how i if in into is it its itself just may me might more most must my myself no nor not of off on "
      "once only or other our ours ourselves out over own same shall she should so some such than that the their "
      "theirs "
      "them themselves then there these they this those through to too under until up very was we were what when where "
      "which while who whom why will with would you your yours yourself yourselves" },
    { "french", "fr",
      "le la les l un une des du de d et en à au aux que qui quoi dont où ce cet cette ces c il elle ils elles on je j "
      "tu "
      "nous vous me m te t se s lui leur leurs y ne n pas plus pour par sur sous dans avec sans entre vers chez mais "
      "ou "
      "donc or ni car si comme son sa ses mon ma mes ton ta tes notre nos votre vos est sont était étaient été être ai "
      "as a avons avez ont avait avaient avoir eu sera seront fait cela ça qu même aussi très" },
    { "german", "de",
      "der die das den dem des ein eine einer eines einem einen und oder aber in im an am auf aus bei beim mit nach "
      "von "
      "vom zu zum zur für über unter vor hinter zwischen durch gegen ohne um bis seit während wegen ist sind war waren "
      "bin bist sein wird werden wurde wurden hat haben hatte hatten habe ich du er sie es wir ihr mich dich sich uns "
      "euch ihm ihn ihnen mein meine dein deine seine ihre unser unsere euer dieser diese dieses diesem diesen jener "
      "welche welcher welches nicht kein keine keinen als wie wenn weil dass daß ob so auch noch nur schon sehr da "
      "dort "
      "hier dann denn doch man was wer wo kann können soll will muss muß" },
    { "hindi", "hi",
      "का के की को में से ने पर और या है हैं था थे थी थीं हो होता होती होते हुआ हुई हुए यह ये वह वे इस इन उस उन "
      "इसके उसके इसका उसका इसकी उसकी मैं हम तुम आप मेरा मेरी मेरे हमारे अपना अपनी अपने जो जिस जिन कि तो भी ही "
      "नहीं न एक कर करने करता करते करती किया गया गई गए जा तक साथ लिए कुछ सब कोई जब तब अब यहाँ वहाँ रहा रही रहे" },
    { "italian", "it",
      "il lo la i gli le l un uno una di a da in con su per tra fra del dello della dei degli delle al allo alla ai "
      "agli "
      "alle dal dalla dai dalle nel nella nei nelle sul sulla sui sulle e ed o ma se che chi cui non si ci vi ne mi ti "
      "è sono era erano essere stato stata stati ha ho hai hanno aveva avevano avere io tu lui lei noi voi loro mio "
      "mia "
      "tuo tua suo sua suoi sue nostro nostra questo questa questi queste quello quella quelli quelle come anche più "
      "dove quando perché" },
    { "polish", "pl",
      "i w we z ze na do o od po za przez przy dla nad pod bez się nie to ten ta te tego tej tym tych jest są był była "
      "było byli były być będzie będą a ale oraz lub albo że żeby aby jak jako co kto który która które których ja ty "
      "on "
      "ona ono my wy oni mnie mi ciebie go jego jej ją im ich nas nam was sobie swój swoje mój moja moje twój czy już "
      "też tak tylko jeszcze bo gdy gdzie tam tu może" },
    { "portuguese", "pt",
      "o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela pelos pelas para com sem sob sobre "
      "entre "
      "até e ou mas se que quem qual não é são era eram foi foram ser estar está estão estava estavam há ter tem têm "
      "tinha tinham eu tu ele ela nós vós eles elas você vocês me te lhe lhes meu minha seu sua seus suas nosso nossa "
      "este esta estes estas esse essa isso isto aquele aquela aquilo ao aos à às como mais já também quando muito" },
    { "russian", "ru",
      "и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее её мне было вот от "
      "меня "
      "еще ещё нет о из ему когда даже ну ли если уже или ни быть был него до вас они их там тут где есть для мы тебя "
      "была сам чтоб чтобы без себя под будет тогда кто этот это эта эти этого того потому какой ним здесь этом один "
      "мой "
      "тем нее неё были при об над про между которые который которая" },
    { "spanish", "es",
      "el la los las lo un una unos unas de del a al en con por para sin sobre entre hasta desde y e o u pero si que "
      "quien cual no es son era eran fue fueron ser está están estaba estar ha han había habían he hay haber yo tú él "
      "ella nosotros ellos ellas usted ustedes me te se le les nos mi mis tu tus su sus nuestro nuestra este esta "
      "estos "
      "estas ese esa esos esas esto eso aquel aquella como más muy ya también cuando donde porque ni sino" },
    { "swedish", "sv",
      "och i att det som en ett på är av för med den till de inte om han hon vi jag du ni var har hade kan ska skulle "
      "men så från sin sitt sina eller när upp vid man min mitt mina din ditt dina hans hennes deras oss er dem mig "
      "dig "
      "sig här där då nu efter under över bara också än blir blev bli vara varit ha detta denna dessa vilken vilket "
      "vad "
      "vem utan mot mellan genom" },
    { "turkish", "tr",
      "ve veya ya da de bir bu şu o ile için gibi kadar çok daha en ne mi mı mu mü ki ama fakat ancak değil var yok "
      "ben "
      "sen biz siz onlar beni seni onu bizi sizi bana sana ona bunu bunun onun benim senin bizim sizin olan olarak "
      "oldu "
      "olduğu ise her hiç hem diye sonra önce şey nasıl neden niçin" },
};
enum { LISTS = sizeof lists / sizeof *lists };

const char *weir_words_stop_list(const char *language)
{
    for (size_t i = 0; i < LISTS; i++)
        if (strcmp(lists[i].name, language) == 0 || strcmp(lists[i].code, language) == 0)
            return lists[i].words;
    return NULL;
}

void weir_words_stop_names(struct weir_buffer *out)
{
    for (size_t i = 0; i < LISTS; i++)
        weir_buffer_format(out, "%s%s", i ? ", " : "", lists[i].name);
}

/* ---- The set ------------------------------------------------------------------------------------------------------
 */

static size_t find_slot(const struct words_set *set, const char *bytes, size_t size)
{
    size_t at = weir_hash(bytes, size, 0) & set->mask;
    for (; set->slots[at]; at = (at + 1) & set->mask) {
        struct weir_term term = set->terms[set->slots[at] - 1];
        if (term.size == size && memcmp(set->bytes.bytes + term.at, bytes, size) == 0)
            break;
    }
    return at;
}

bool weir_words_set_has(const struct words_set *set, const char *bytes, size_t size)
{
    return set->slots[find_slot(set, bytes, size)] != 0;
}

static int widen(struct words_set *set)
{
    size_t slots = set->slots ? (set->mask + 1) * 2 : 256;
    uint32_t *wider = weir_allocate_zero(slots, sizeof *wider);
    if (!wider)
        return -1;
    free(set->slots);
    set->slots = wider;
    set->mask = slots - 1;
    for (size_t i = 0; i < set->count; i++)
        set->slots[find_slot(set, set->bytes.bytes + set->terms[i].at, set->terms[i].size)] = (uint32_t)(i + 1);
    return 0;
}

int weir_words_set_add(struct words_set *set, const char *bytes, size_t size)
{
    if ((!set->slots || set->count * 2 > set->mask) && widen(set) < 0)
        return -1;
    size_t at = find_slot(set, bytes, size);
    if (set->slots[at])
        return 0;
    struct weir_term term = { set->bytes.size, size };
    weir_buffer_append(&set->bytes, bytes, size);
    if (set->bytes.failed || weir_grow((void **)&set->terms, &set->capacity, set->count + 1, sizeof *set->terms) < 0)
        return -1;
    set->terms[set->count++] = term;
    set->slots[at] = (uint32_t)set->count;
    return 0;
}

void weir_words_set_release(struct words_set *set)
{
    weir_buffer_release(&set->bytes);
    free(set->terms);
    free(set->slots);
    *set = (struct words_set){ 0 };
}
