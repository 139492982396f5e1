# Makes short messages that nobody sent, wanted and unwanted, a line each: the kind, a tabulator, the text.
#
#   LC_ALL=C awk -v rows=600 -v seed=1 -f messages.awk > messages.tsv
#
# Wanted ones are in three languages, unwanted ones want a call or a click. A few words stand in both kinds.

# Park and Miller's generator: exact in doubles, so that every awk draws the same numbers.
function uniform() { state = (state * 16807) % 2147483647; return state / 2147483647 }
function one_of(list, count) { return list[1 + int(uniform() * count)] }

BEGIN {
    state = seed * 7919 + 11
    for (i = 0; i < 10; i++) uniform()
    wanted_count = split("home dinner train tomorrow mum school lesson rain sorry late coffee cinema see you tonight bring keys " \
        "work meeting thanks birthday cake doctor shopping milk dog walk love miss sleep early bus stop football match " \
        "heute abend kommst du schon müde danke Schlüssel Bahn spät morgen Frühstück casa mañana cena llego tarde gracias " \
        "perro lluvia niños escuela vale beso", wanted, " ")
    unwanted_count = split("winner prize claim cash urgent call code guaranteed free ringtone text stop offer bonus credit " \
        "loan reward selected award voucher expires mobile landline charged claims click link account gratis Gewinn " \
        "sofort anrufen Gutschein premio llame ahora oferta", unwanted, " ")
    both_count = split("now please the your for to a in today phone week call tonight new", both, " ")

    for (row = 1; row <= rows; row++) {
        spam = uniform() < 0.2
        text = ""
        words = 5 + int(uniform() * 14)
        for (i = 0; i < words; i++) {
            draw = uniform()
            word = draw < 0.35 ? one_of(both, both_count) : spam == (draw < 0.93) ? one_of(unwanted, unwanted_count) \
                : one_of(wanted, wanted_count)
            text = text (i ? " " : "") word
        }
        if (uniform() < (spam ? 0.6 : 0.05)) text = text " 0" int(800 + 199 * uniform()) int(100000 + 899999 * uniform())
        if (uniform() < 0.1) text = "\"" text
        printf "%s\t%s%s\n", spam ? "spam" : "ham", text, uniform() < 0.3 ? "!" : ""
    }
}
