# Makes headlines and first sentences of news that never was, in three topics.
#
#   LC_ALL=C awk -v rows=600 -v seed=1 -f headlines.awk > headlines.csv

# Park and Miller's generator: exact in doubles, so that every awk draws the same numbers.
function uniform() { state = (state * 16807) % 2147483647; return state / 2147483647 }
function one_of(list, count) { return list[1 + int(uniform() * count)] }
function words(topic, count,    text, i) {
    for (i = 0; i < count; i++)
        text = text (i ? " " : "") (uniform() < 0.4 ? one_of(common, common_count) \
            : uniform() < 0.2 ? one_of(rare, rare_count) int(uniform() * 30) \
            : topic == "sport" ? one_of(sport, sport_count) : topic == "money" ? one_of(money, money_count) \
            : one_of(science, science_count))
    return text
}

BEGIN {
    state = seed * 7919 + 11
    for (i = 0; i < 10; i++) uniform()
    common_count = split("the of a in to on as after with for says new over from", common, " ")
    rare_count = split("Ardenne Bellwick Corrán Dvorec Eskil Fonseca Győző", rare, " ")
    sport_count = split("coach striker goal season league final title injury penalty referee stadium medal sprint relay " \
        "champion keeper defender transfer squad victory defeat draw tie innings wicket tennis serve racket cyclist stage " \
        "marathon swimmer record qualifier semifinal captain fans derby playoff rookie", sport, " ")
    money_count = split("shares profit bank merger quarter dividend inflation rates bonds investors market index currency " \
        "exports tariff budget deficit revenue earnings forecast takeover bid regulator auditor loan credit mortgage prices " \
        "retailer factory orders wages pension fund trader oil barrel analyst economist growth", money, " ")
    science_count = split("probe orbit telescope galaxy comet planet gene protein virus vaccine fossil species climate " \
        "glacier carbon particle quantum laser chip software network browser encryption robot sensor satellite launch " \
        "rocket crater lunar engineers researchers laboratory experiment genome neuron antibiotic reactor battery", science, " ")
    split("sport money science", topics, " ")
    print "topic,title,text"
    for (row = 1; row <= rows; row++) {
        topic = topics[1 + int(uniform() * 3)]
        printf "%s,%s,\"%s.\"\n", topic, words(topic, 4 + int(uniform() * 4)), words(topic, 8 + int(uniform() * 12))
    }
}
