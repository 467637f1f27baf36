// SPDX-License-Identifier: Apache-2.0
#include "corpora/write_sample.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace majed::corpora {
namespace {

constexpr std::array<std::string_view, 3> owners{"ann", "bob", "cem"};

constexpr std::array<std::string_view, 4> tables_t{
    "CREATE TABLE t (k INTEGER PRIMARY KEY, owner TEXT, n INT, u INT UNIQUE, note TEXT COLLATE NOCASE "
    "DEFAULT 'd')",
    "CREATE TABLE t (k INT PRIMARY KEY, owner TEXT NOT NULL, n INT CHECK (n < 900), u INT UNIQUE, note TEXT)",
    "CREATE TABLE t (k INT PRIMARY KEY, owner TEXT, n INT, u INT, note TEXT DEFAULT 'd', UNIQUE (u)) WITHOUT "
    "ROWID",
    "CREATE TABLE t (k INT, owner TEXT, n INT, u INT DEFAULT 0, note TEXT, PRIMARY KEY (k, u)) WITHOUT "
    "ROWID"};

constexpr std::array<std::string_view, 4> server_tables_t{
    "CREATE TABLE t (k int PRIMARY KEY, owner text, n int, u int UNIQUE, note text DEFAULT 'd')",
    "CREATE TABLE t (k int PRIMARY KEY, owner text NOT NULL, n int CHECK (n < 900), u int UNIQUE, note text)",
    "CREATE TABLE t (k int PRIMARY KEY, owner text, n int, u int, note text DEFAULT 'd', UNIQUE (u))",
    "CREATE TABLE t (k int, owner text, n int, u int DEFAULT 0, note text, PRIMARY KEY (k, u))"};

constexpr std::array<std::string_view, 4> indexes{"", "CREATE INDEX t_n ON t (n)",
                                                  "CREATE INDEX t_owner ON t (owner, n)",
                                                  "CREATE INDEX t_note ON t (note, k)"};

constexpr std::array<std::string_view, 7> filters{
    "owner = :user.who",
    "owner IN (:user.list)",
    "owner = :user.who OR n % 3 = 0",
    "owner IN (SELECT owner FROM acl WHERE reader = :user.who)",
    "EXISTS (SELECT 1 FROM acl a WHERE a.owner = {table}.owner AND a.reader = :user.who) AND n IS NOT NULL",
    "NOT owner = 'cem' -- others' rows",
    "n BETWEEN 2 AND 7 OR owner = :user.who"};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::string filter_of(Dice& dice, std::string_view table) {
    std::string filter(dice.one_of(filters));
    replace_all(filter, "{table}", table);
    return filter;
}

std::string in_quotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

}  // namespace

std::size_t Dice::roll(std::size_t below) {
    // splitmix64
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>((z ^ (z >> 31U)) % below);
}

WriteSample::WriteSample(std::uint64_t seed, Engine engine) : engine_(engine) {
    Dice dice(seed);
    const std::size_t shape = dice.roll(tables_t.size());
    without_rowid_ = shape > 1;
    schema_ = std::string(on_server() ? server_tables_t.at(shape) : tables_t.at(shape)) + ";" +
              std::string(dice.one_of(indexes)) +
              ";CREATE TABLE s (k INTEGER PRIMARY KEY, owner TEXT, n INT);"
              "CREATE TABLE acl (reader TEXT, owner TEXT);"
              "INSERT INTO acl VALUES ('ann', 'ann'), ('ann', 'bob'), ('bob', 'cem');";
    filter_t_ = filter_of(dice, "t");
    filter_s_ = filter_of(dice, "s");
    by_action_ = seed % 3 == 0;
    has_mask_ = seed % 4 == 1;
    if (!by_action_) return;
    inserted_t_ = filter_of(dice, "t");
    updated_t_ = filter_of(dice, "t");
    deleted_t_ = filter_of(dice, "t");
}

std::shared_ptr<const policy::PolicySet> WriteSample::policies() const {
    using policy::Action;
    const std::vector<policy::Role> roles{policy::Role::normal, policy::Role::admin};
    const policy::ActionSet all{Action::select, Action::insert, Action::update, Action::delete_};
    std::vector<policy::RowPolicy> rules{{"", "s", roles, filter_s_, {}, "sample", false, all}};
    if (by_action_) {
        rules.push_back({"", "t", roles, filter_t_, {}, "sample", false, {Action::select}});
        rules.push_back({"", "t", roles, inserted_t_, {}, "sample", false, {Action::insert}});
        rules.push_back({"", "t", roles, updated_t_, {}, "sample", false, {Action::update}});
        rules.push_back({"", "t", roles, deleted_t_, {}, "sample", false, {Action::delete_}});
    } else {
        rules.push_back({"", "t", roles, filter_t_, {}, "sample", false, all});
    }
    std::vector<policy::MaskPolicy> masks;
    if (has_mask_) masks.push_back({"", "t", "note", roles, *policy::parse_mask("partial(1,1)"), "sample"});
    auto set = policy::PolicySet::create(std::move(rules), std::move(masks));
    EXPECT_TRUE(set);
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

std::string WriteSample::rows(Dice& dice) const {
    std::string sql = "DELETE FROM t; DELETE FROM s;";
    const std::size_t count = 4 + dice.roll(8);
    for (std::size_t k = 0; k < count; ++k) {
        const std::string n =
            dice.chance(9) && filter_t_.find("n <") == std::string::npos ? "NULL" : dice.number(12);
        sql += "INSERT INTO t VALUES (" + std::to_string(k) + ", " + in_quotes(dice.one_of(owners)) + ", " +
               n + ", " + std::to_string(100 + k) + ", " + (dice.chance(4) ? "'LEAK'" : "'note'") + ");";
        if (dice.chance(2))
            sql += "INSERT INTO s VALUES (" + std::to_string(k) + ", " + in_quotes(dice.one_of(owners)) +
                   ", " + dice.number(12) + ");";
    }
    return sql;
}

std::string WriteSample::filter(std::string_view table, const Writer& writer) const {
    return told(table == "t" ? filter_t_ : filter_s_, writer);
}

std::string WriteSample::told(std::string filter, const Writer& writer) {
    std::string list;
    for (const std::string& each : writer.list) list += (list.empty() ? "" : ", ") + in_quotes(each);
    replace_all(filter, ":user.who", in_quotes(writer.who));
    replace_all(filter, ":user.list", list);
    return filter + "\n";
}

Reach WriteSample::reach(const std::string& sql, const Writer& writer) const {
    const std::string read = filter("t", writer);
    if (!by_action_) return {read, read};
    const auto both = [](const std::string& a, const std::string& b) {
        return "((" + a + ") AND (" + b + "))";
    };
    const auto has = [&sql](std::string_view part) { return sql.find(part) != std::string::npos; };
    const std::string inserted = told(inserted_t_, writer);
    const std::string updated = told(updated_t_, writer);
    const std::string deleted = told(deleted_t_, writer);
    const bool returns = has(" RETURNING");
    if (sql.starts_with("MERGE")) {
        const std::string left = has("WHEN NOT MATCHED") && has("UPDATE") ? both(inserted, updated)
                                 : has("UPDATE")                          ? updated
                                                                          : inserted;
        // A row that matches and may not be changed makes it fail: which it is, a copy does not say.
        return {read, both(left, read), false};
    }
    if (has("DO UPDATE")) return {both(updated, read), both(both(inserted, updated), read)};
    if (sql.starts_with("INSERT")) return {read, returns ? both(inserted, read) : inserted};
    // Values of their own, without a condition: they look at no row of t.
    const bool blind =
        !returns && !has(" WHERE ") && (has("SET owner = '") || has("SET (n, note)") || has("DELETE FROM t"));
    if (sql.starts_with("UPDATE")) {
        const std::string rows = blind ? updated : both(updated, read);
        return {rows, rows, !has(" FROM t")};
    }
    const std::string rows = blind ? deleted : both(deleted, read);
    return {rows, rows, sql.find(" FROM t") == sql.rfind(" FROM t")};
}

std::string WriteSample::masked(std::string sql) const {
    const std::size_t at = sql.find(" RETURNING ");
    if (!has_mask_ || at == std::string::npos) return sql;
    const std::string mask =
        "CASE WHEN note IS NULL THEN NULL WHEN length(note) <= 2 THEN '***' ELSE substr(note, 1, 1) || '***' "
        "|| " +
        std::string(on_server() ? "right(note, 1)" : "substr(note, -1)") + " END";
    std::string answer = sql.substr(at);
    replace_all(answer, "upper(note)", "upper(" + mask + ")");
    if (answer == " RETURNING *") answer = " RETURNING k, owner, n, u, " + mask + " AS note";
    return sql.substr(0, at) + answer;
}

bool WriteSample::touches_mask(const std::string& sql) const {
    const std::string own = sql.substr(0, sql.find(" RETURNING"));
    // Without a list of columns it is written too.
    return has_mask_ &&
           (own.find("note") != std::string::npos || own.find("INTO t VALUES") != std::string::npos);
}

Writer WriteSample::writer(Dice& dice) const {
    Writer writer{std::string(dice.one_of(owners)), {std::string(dice.one_of(owners))}};
    if (dice.chance(2)) writer.list.emplace_back(dice.one_of(owners));
    return writer;
}

std::string WriteSample::condition(Dice& dice, std::size_t depth) const {
    switch (dice.roll(depth > 1 ? 6 : 11)) {
        case 0:
            return "t.k = " + dice.number(12);
        case 1:
            return "n < " + dice.number(12);
        case 2:
            return "t.owner <> " + in_quotes(dice.one_of(owners));
        case 3:
            return "note LIKE '%E%'";
        case 4:
            return "t.k IN (" + dice.number(12) + ", " + dice.number(12) + ", " + dice.number(12) + ")";
        case 5:
            return "n IS NOT NULL";
        case 6:
            return "abs(n - " + dice.number(12) + ") < 3";
        case 7:  // An error for a row that holds the word, which hidden rows may.
            return raising(dice);
        case 8:
            return "EXISTS (SELECT 1 FROM s WHERE s.k = t.k AND s.n > " + dice.number(9) + ")";
        case 9:
            return "n >= (SELECT avg(n) FROM t)";
        default:
            return "(" + condition(dice, depth + 1) + (dice.chance(2) ? " OR " : " AND ") +
                   condition(dice, depth + 1) + ")";
    }
}

std::string WriteSample::raising(Dice& dice) const {
    const std::string when =
        "CASE WHEN note = 'LEAK' AND t.owner = " + in_quotes(dice.one_of(owners)) + " THEN ";
    // A server computes what has no column in it beforehand.
    return on_server() ? when + "1 / (t.k - t.k) ELSE 1 END = 1"
                       : when + "abs(-9223372036854775807 - 1) ELSE 1 END";
}

std::string WriteSample::returning(Dice& dice) const {
    if (!dice.chance(3)) return "";
    return dice.chance(2) ? " RETURNING *"
                          : " RETURNING k, n + 1, (SELECT count(*) FROM s), upper(note) AS x";
}

std::string WriteSample::update(Dice& dice) const {
    std::string sql = "UPDATE t";
    if (dice.chance(6)) sql = on_server() ? "UPDATE ONLY t AS t" : "UPDATE OR ABORT main.t";
    switch (dice.roll(7)) {
        case 0:
            return sql + " SET n = s.n + t.n FROM s WHERE s.k = t.k AND " + condition(dice) + returning(dice);
        case 1:
            sql += " SET owner = " + in_quotes(dice.one_of(owners));
            break;
        case 2:
            sql += " SET (n, note) = (SELECT max(n), min(owner) FROM s)";
            break;
        case 3:
            sql += " SET u = " + std::to_string(100 + dice.roll(12)) + " WHERE t.k = " + dice.number(12);
            return sql + returning(dice);
        case 4:
            // A server tests a key after each row; SQLite after all.
            sql += on_server() ? " SET k = k + 1000, n = n - 1" : " SET k = k + 50, n = n - 1";
            break;
        case 5:
            sql += " SET n = " + dice.number(950) + ", owner = CASE WHEN n > 5 THEN owner ELSE " +
                   in_quotes(dice.one_of(owners)) + " END";
            break;
        default:
            sql += " SET note = note || '!', n = abs(n) + (SELECT count(*) FROM t)";
            break;
    }
    if (!dice.chance(5)) sql += " WHERE " + condition(dice);
    return sql + returning(dice);
}

std::string WriteSample::deletion(Dice& dice) const {
    if (dice.chance(8)) return "DELETE FROM t" + returning(dice);
    if (!without_rowid_ && dice.chance(6)) {
        if (on_server()) return "DELETE FROM t USING s WHERE s.k = t.k AND s.n > 4" + returning(dice);
        return "DELETE FROM t WHERE " + condition(dice) + " ORDER BY k DESC LIMIT 2";
    }
    if (dice.chance(5))
        return "WITH x AS (SELECT k FROM t WHERE " + condition(dice) +
               ") DELETE FROM t WHERE k IN (SELECT k FROM x)" + returning(dice);
    return "DELETE FROM t WHERE " + condition(dice) + returning(dice);
}

std::string WriteSample::values(Dice& dice) const {
    std::string sql = "VALUES ";
    const std::size_t count = 1 + dice.roll(3);
    for (std::size_t i = 0; i < count; ++i) {
        sql += (i == 0 ? "(" : ", (") + dice.number(20) + ", " +
               (dice.chance(15) ? "NULL" : in_quotes(dice.one_of(owners))) + ", " + dice.number(12) + ", " +
               std::to_string(100 + dice.roll(30)) + ", 'new')";
    }
    return sql;
}

std::string WriteSample::insert(Dice& dice) const {
    switch (dice.roll(7)) {
        case 0:
            return "INSERT INTO t SELECT k + 30, owner, n, u + 30, note FROM t WHERE " + condition(dice) +
                   returning(dice);
        case 1:
            return "INSERT INTO t (k, owner, n, u) SELECT k + 40, owner, n, k + 200 FROM s" + returning(dice);
        case 2:
            return "INSERT INTO t " + values(dice) + " ON CONFLICT DO NOTHING" + returning(dice);
        case 3:
            if (on_server()) return merge(dice);
            return "INSERT OR IGNORE INTO t " + values(dice);
        case 4: {
            const std::string target = schema_.find("(k, u)") != std::string::npos ? "(k, u)" : "(k)";
            return "INSERT INTO t " + values(dice) + " ON CONFLICT " + target +
                   " DO UPDATE SET n = excluded.n + t.n, note = excluded.note || t.note" +
                   (dice.chance(2) ? " WHERE " + condition(dice, 2) : "") + returning(dice);
        }
        case 5:
            return "INSERT INTO t (owner, k) VALUES (" + in_quotes(dice.one_of(owners)) + ", " +
                   dice.number(20) + ")" + returning(dice);
        default:
            return "INSERT INTO t " + values(dice) + returning(dice);
    }
}

std::string WriteSample::merge(Dice& dice) const {
    std::string sql = "MERGE INTO t USING s ON s.k = t.k";
    switch (dice.roll(3)) {
        case 0:
            sql += " WHEN MATCHED AND s.n > 3 THEN UPDATE SET n = s.n + t.n, note = s.owner";
            break;
        case 1:
            sql += " WHEN MATCHED AND note LIKE '%E%' THEN DO NOTHING WHEN MATCHED THEN DELETE";
            break;
        default:
            sql += " WHEN MATCHED THEN UPDATE SET owner = s.owner";
            break;
    }
    if (dice.chance(2))
        sql +=
            " WHEN NOT MATCHED AND s.n < 8 THEN INSERT (k, owner, n, u) VALUES (s.k, s.owner, s.n, s.k + "
            "300)";
    return sql;
}

std::string WriteSample::write(Dice& dice) const {
    switch (dice.roll(3)) {
        case 0:
            return update(dice);
        case 1:
            return deletion(dice);
        default:
            return insert(dice);
    }
}

}  // namespace majed::corpora
