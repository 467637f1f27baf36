// SPDX-License-Identifier: Apache-2.0
// Filtered-copy equivalence on a real PostgreSQL: a question under policy answers as the plain question on a copy to which
// the policy was applied. Every question of BIRD's PostgreSQL set, on its schema, under several policies.
#include "core/ascii.h"
#include "corpora/corpus.h"
#include "governed/governed_server.h"
#include "sql/lexer.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

namespace majed::governed {
namespace equivalence_test {

using policy::Role;

struct Column {
    std::string name;
    std::string type;
};

struct Table {
    std::string name;
    std::vector<Column> columns;
};

std::string name(const std::string& text) {
    return '"' + text + '"';
}

std::string literal(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
    return result + "'";
}

/// Values that the questions ask for.
struct Literals {
    std::set<std::string> texts{"x", "y"};
    std::set<std::string> numbers{"0", "1", "2", "3"};

    void add(const std::string& statement) {
        std::vector<sql::Token> tokens;
        if (!sql::tokenize(statement, tokens, sql::dialect_of(sql::DialectId::postgres))) return;
        for (const sql::Token& token : tokens) {
            const std::string word(token.span().in(statement));
            if (token.kind == sql::TokenKind::integer && word.size() < 6) numbers.insert(word);
            if (token.kind != sql::TokenKind::string || word.size() < 3 || word.front() != '\'') continue;
            std::string inner = word.substr(1, word.size() - 2);
            inner.erase(std::remove(inner.begin(), inner.end(), '%'), inner.end());
            if (inner.find('\'') == std::string::npos && inner.find('\\') == std::string::npos)
                texts.insert(inner);
        }
    }

    static std::string array(const std::set<std::string>& values, const char* type) {
        std::string list;
        for (const std::string& each : values) list += (list.empty() ? "" : ", ") + literal(each);
        return "(ARRAY[" + list + "]::" + type + "[])";
    }
};

/// One of the literals, or NULL, for row `n`: by a hash, so that it is the same in every run.
std::string value_for(const Column& column, std::size_t number, const Literals& literals) {
    const std::string hash = "abs(hashint8(n * 7919 + " + std::to_string(number) + ")::bigint)";
    const auto pick = [&](const std::set<std::string>& values, const char* type) {
        return Literals::array(values, type) + "[1 + " + hash + " % " + std::to_string(values.size()) + "]";
    };
    std::string picked = "NULL";
    if (column.type == "text") picked = pick(literals.texts, "text");
    if (column.type == "bigint" || column.type == "integer") picked = pick(literals.numbers, "bigint");
    if (column.type == "double precision" || column.type == "real" || column.type == "numeric")
        picked = hash + " % 1000 / 8.0";
    if (column.type == "date") picked = "date '1990-01-01' + (" + hash + " % 12000)::int";
    if (column.type.starts_with("timestamp"))
        picked = "timestamp '1990-01-01' + (" + hash + " % 12000) * interval '1 day'";
    if (column.type == "boolean") picked = hash + " % 2 = 0";
    return "CASE WHEN " + hash + " % 11 <> 0 THEN " + picked + " END";
}

/// Rules that rotate over the tables, each also as plain SQL that makes the copy.
class Rules {
public:
    Rules(const std::vector<Table>& tables, const Literals& literals, std::size_t turn)
        : some_text_(
              *std::next(literals.texts.begin(), static_cast<std::ptrdiff_t>(turn % literals.texts.size()))),
          all_(literals) {
        for (std::size_t i = 0; i < tables.size(); ++i) add(tables[i], i + turn);
    }

    [[nodiscard]] std::shared_ptr<const policy::PolicySet> policies() const {
        auto set = policy::PolicySet::create(rows_, masks_);
        EXPECT_TRUE(set) << set.error().message;
        return std::make_shared<const policy::PolicySet>(*std::move(set));
    }
    [[nodiscard]] const std::vector<std::string>& copy() const { return copy_; }
    [[nodiscard]] const Attributes& attributes() const { return attributes_; }

private:
    void add(const Table& table, std::size_t form) {
        const auto of_type = [&table](std::string_view type) -> const Column* {
            const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                            [type](const Column& column) { return column.type == type; });
            return found == table.columns.end() ? nullptr : &*found;
        };
        const Column* text = of_type("text");
        const Column* number = of_type("bigint");
        std::string rows = "*";
        std::string plain = "true";
        if (form % 6 == 1 && text != nullptr) {
            rows = plain =
                name(text->name) + " <> " + literal(some_text_) + " OR " + name(text->name) + " IS NULL";
        } else if (form % 6 == 2 && text != nullptr) {
            std::vector<std::string> half;
            for (const std::string& each : all_.texts)
                if (each.size() % 2 == 0) half.push_back(each);
            attributes_["half"] = half;
            rows = name(text->name) + " IN (:user.half)";
            plain = name(text->name) + " = ANY (" + Literals::array({half.begin(), half.end()}, "text") + ")";
        } else if (form % 6 == 3 && number != nullptr) {
            attributes_["least"] = {"1"};
            rows = name(number->name) + " >= :user.least";
            plain = name(number->name) + " >= 1";
        } else if (form % 6 == 4 && number != nullptr) {
            rows = "EXISTS (SELECT 1 FROM acl WHERE acl.number = " + name(number->name) + ")";
            plain = "EXISTS (SELECT 1 FROM shop.acl WHERE acl.number = " + name(number->name) + ")";
        } else if (form % 6 == 5 && number != nullptr) {
            rows = plain = "abs(" + name(number->name) + ") % 3 <> 1";
        }
        rows_.push_back({"", table.name, {Role::normal, Role::admin}, rows, {}, "t"});
        std::string columns;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const Column& column = table.columns[i];
            const bool masked = (i + form) % 5 == 4 && &column != text && &column != number;
            columns +=
                (columns.empty() ? "" : ", ") + (masked ? mask(table, column, i + form) : name(column.name));
        }
        copy_.push_back("CREATE TABLE copy." + name(table.name) + " AS SELECT " + columns + " FROM shop." +
                        name(table.name) + " WHERE " + plain);
        copy_.push_back("CREATE TABLE other." + name(table.name) + " AS SELECT " + columns + " FROM shop." +
                        name(table.name) + " WHERE (" + plain + ") ORDER BY hashtext(" + name(table.name) +
                        "::text) DESC");
    }

    std::string mask(const Table& table, const Column& column, std::size_t form) {
        const std::string quoted = name(column.name);
        std::string with = "null";
        std::string plain = "NULL::" + column.type;
        if (column.type == "text" && form % 3 == 1) {
            with = "constant:masked";
            plain = "'masked'::text";
        } else if (column.type == "text" && form % 3 == 2) {
            with = "partial(1,1)";
            plain = "CASE WHEN length(" + quoted + ") > 2 THEN regexp_replace(" + quoted +
                    ", '^(.).*(.)$', '\\1***\\2') WHEN " + quoted + " IS NOT NULL THEN '***' END";
        }
        masks_.push_back(
            {"", table.name, column.name, {Role::normal, Role::admin}, *policy::parse_mask(with), "t"});
        return plain + " AS " + quoted;
    }

    std::string some_text_;
    const Literals& all_;
    std::vector<policy::RowPolicy> rows_;
    std::vector<policy::MaskPolicy> masks_;
    std::vector<std::string> copy_;
    Attributes attributes_;
};

std::vector<Table> tables_of(const std::string& ddl) {
    std::vector<Table> tables;
    std::vector<sql::Token> tokens;
    EXPECT_TRUE(sql::tokenize(ddl, tokens, sql::dialect_of(sql::DialectId::postgres)));
    const auto word = [&](std::size_t i) {
        const std::string text(tokens.at(i).span().in(ddl));
        return text.front() == '"' ? text.substr(1, text.size() - 2) : ascii_lower(text);
    };
    for (std::size_t i = 0; i + 3 < tokens.size(); ++i) {
        if (word(i) != "create" || word(i + 1) != "table") continue;
        Table& table = tables.emplace_back();
        table.name = word(i + 2);
        std::size_t at = i + 4;
        while (tokens.at(at).kind != sql::TokenKind::semicolon && tokens.at(at).kind != sql::TokenKind::end) {
            Column column{word(at), ""};
            for (++at; tokens.at(at).kind != sql::TokenKind::comma &&
                       tokens.at(at).kind != sql::TokenKind::right_paren;
                 ++at)
                column.type += (column.type.empty() ? "" : " ") + word(at);
            table.columns.push_back(column);
            ++at;
        }
    }
    return tables;
}

struct Figures {
    std::size_t compared = 0;
    std::size_t equal = 0;
    std::size_t not_empty = 0;
    std::size_t undetermined = 0;
    std::size_t bad_values = 0;  ///< Fails on one of them at least, by a value that cannot be converted.
    std::size_t refused = 0;
    std::string examples;

    void note(const std::string& what, const std::string& sql) {
        constexpr std::size_t most = 8000;
        if (examples.size() < most) examples += "  " + what + " :: " + sql.substr(0, 600) + "\n";
    }
};

void compare(GovernedSchema& schema, const Rules& rules, const std::string& sql, Figures& figures) {
    Answer plain = schema.plain("copy", sql);
    Answer governed = schema.run(rules.attributes(), sql);
    if (plain.error || governed.error) {
        // A value that a cast cannot take is met in one order of joins and not in another.
        const bool data = (!plain.error || plain.error->code == ErrorCode::invalid_argument) &&
                          (!governed.error || governed.error->code == ErrorCode::invalid_argument);
        ++(data ? figures.bad_values : figures.refused);
        if (!data) figures.note("fails: " + plain.text() + governed.text(), sql);
        return;
    }
    EXPECT_EQ(plain.columns, governed.columns) << sql;
    plain.sort();
    governed.sort();
    if (plain.rows != governed.rows) {
        Answer other = schema.plain("other", sql);
        other.sort();
        if (other.rows != plain.rows) {
            ++figures.undetermined;
            return;
        }
        figures.note("different\n" + plain.text() + "---\n" + governed.text() + "---\n" +
                         schema.rewritten(rules.attributes(), sql),
                     sql);
    }
    ++figures.compared;
    figures.equal += plain.rows == governed.rows ? 1U : 0U;
    figures.not_empty += plain.rows.empty() || plain.text() == "~|\n" || plain.text() == "0|\n" ? 0U : 1U;
}

std::size_t changed_by_rules(GovernedSchema& schema, const std::vector<std::string>& texts) {
    std::size_t changed = 0;
    for (const std::string& text : texts) {
        Answer whole = schema.plain("shop", text);
        Answer copy = schema.plain("copy", text);
        whole.sort();
        copy.sort();
        changed += whole.rows != copy.rows ? 1U : 0U;
    }
    return changed;
}

void report(const char* who, const Figures& figures) {
    std::printf(
        "equivalence on PostgreSQL, rows filtered by the %s: %zu compared, %zu equal, %zu with rows | %zu "
        "undetermined, %zu "
        "with values that cannot be converted, %zu refused\n",
        who, figures.compared, figures.equal, figures.not_empty, figures.undetermined, figures.bad_values,
        figures.refused);
    EXPECT_EQ(figures.equal, figures.compared) << figures.examples;
    EXPECT_EQ(figures.refused, 0U) << figures.examples;
    EXPECT_LT(figures.bad_values, 20U);
    EXPECT_GT(figures.not_empty, 40U / corpora::corpus_parts);
}

class Equivalence : public OnServer {};

TEST_F(Equivalence, of_questions_under_policy_and_on_a_filtered_copy) {
    std::string reason;
    const auto records = corpora::read_corpus("postgres", reason);
    if (!records) GTEST_SKIP() << reason;
    std::map<std::string, std::vector<std::string>> questions;
    corpora::SchemaTexts schemas;
    std::map<std::string, std::string> ddl;
    for (const corpora::Record& record : *records) {
        if (!record.id.starts_with("bird-pg") || !record.accepted) continue;
        questions[record.schema].push_back(record.sql);
        ddl[record.schema] = schemas.of(record);
    }
    Figures figures;
    Figures by_server;
    std::size_t changed = 0;
    std::size_t turn = 0;
    for (const auto& [key, texts] : questions) {
        ++turn;
        const std::vector<Table> tables = tables_of(ddl[key]);
        ASSERT_FALSE(tables.empty()) << key;
        Literals literals;
        for (const std::string& text : texts) literals.add(text);
        std::vector<std::string> script{"CREATE TABLE acl (number bigint)",
                                        "INSERT INTO acl VALUES (1), (2), (5)",
                                        "DROP SCHEMA IF EXISTS other CASCADE", "CREATE SCHEMA other"};
        for (const Table& table : tables) {
            std::string columns;
            std::string values;
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                columns += (i == 0 ? "" : ", ") + name(table.columns[i].name) + " " + table.columns[i].type;
                values += (i == 0 ? "" : ", ") + value_for(table.columns[i], i, literals);
            }
            script.push_back("CREATE TABLE " + name(table.name) + " (" + columns + ")");
            script.push_back("INSERT INTO " + name(table.name) + " SELECT " + values +
                             " FROM generate_series(1, 40) n");
        }
        const Rules rules(tables, literals, turn);
        script.insert(script.end(), rules.copy().begin(), rules.copy().end());
        GovernedSchema schema(server(), script, rules.policies());
        ASSERT_EQ(schema.error(), "") << key;
        for (const std::string& text : texts) {
            compare(schema, rules, text, figures);
            const auto opened = schema.opened(rules.attributes(), text);
            ASSERT_TRUE(opened) << text;
            EXPECT_EQ(opened->unlisted({"acl"}), "") << text;
        }
        changed += changed_by_rules(schema, texts);
        schema.enforce_natively();
        ASSERT_EQ(schema.error(), "") << key;
        for (const std::string& text : texts) compare(schema, rules, text, by_server);
    }
    report("gateway", figures);
    report("server", by_server);
    std::printf("%zu answers are others without the rules\n", changed);
    EXPECT_GT(changed, 40U / corpora::corpus_parts);
}

}  // namespace equivalence_test
}  // namespace majed::governed
