# Makes the customers of a telephone company that never was: the same table every time.
#
#   LC_ALL=C awk -v rows=800 -v seed=1 -f customers.awk > customers.csv
#   LC_ALL=C awk -v rows=120 -v seed=2 -v new=1 -f customers.awk > customers-new.csv
#
# new=1 leaves out `churned`: whether they will leave is what a model is asked. Some cells are empty, some names and
# cities are not ASCII, and some names hold a comma.

# Park and Miller's generator: exact in doubles, so that every awk draws the same numbers.
function uniform() { state = (state * 16807) % 2147483647; return state / 2147483647 }
function one_of(list, count) { return list[1 + int(uniform() * count)] }
function bell() { return uniform() + uniform() + uniform() + uniform() - 2 } # deviation 0.58
function missing(value, share) { return uniform() < share ? "" : value }

BEGIN {
    state = seed * 7919 + 11
    for (i = 0; i < 10; i++) uniform()
    given_count = split("Anna Zoë José Łukasz Søren Mei Émile Nadia Ola Yusuf Ines Jürgen Thảo Marta Đorđe Kim", given, " ")
    family_count = split("García Müller Nowak Ødegård Nguyễn Smith Çelik Dupont Žižka Rossi Lindström Silva Kovač", family, " ")
    city_count = split("Zürich Málaga Kraków Göteborg Lyon Porto Gent Ålesund", city, " ")
    plan_count = split("basic basic basic plus plus family", plan, " ")

    printf "customer_id,name,city,age,months,plan,monthly_bill,support_calls,autopay%s\n", new ? "" : ",churned"
    for (row = 1; row <= rows; row++) {
        name = one_of(given, given_count) " " one_of(family, family_count)
        if (row % 97 == 0) name = "\"" name ", Jr.\""
        home = one_of(city, city_count)
        age = int(44 + 24 * bell()); if (age < 18) age = 18
        months = int(72 * uniform() * uniform()) + 1
        tariff = one_of(plan, plan_count)
        bill = (tariff == "basic" ? 19 : tariff == "plus" ? 35 : 55) + 8 * bell()
        calls = int(7 * uniform() * uniform() * uniform())
        autopay = uniform() < 0.55

        risk = -0.5 - 0.07 * months + 0.75 * calls - 0.9 * autopay + 0.045 * (bill - 30) - 0.02 * (age - 44)
        churned = uniform() < 1 / (1 + exp(-risk))

        printf "%s-%04d,%s,%s,%s,%d,%s,%s,%d,%s%s\n", new ? "N" : "C", row, name, missing(home, 0.02),
            missing(age, 0.06), months, missing(tariff, 0.03), missing(sprintf("%.2f", bill), 0.04), calls,
            autopay ? "true" : "false", new ? "" : churned ? ",yes" : ",no"
    }
}
