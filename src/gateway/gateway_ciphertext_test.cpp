// SPDX-License-Identifier: Apache-2.0
//
// The oracle for encrypted columns: the same plaintexts are encrypted anew, other tokens in another order, equal ones
// where they differed. Whatever statement is answered at all must be answered the same.
#include "crypto/key_ring.h"
#include "gateway/gateway_fixture.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace majed::gateway {
namespace ciphertext_test {

crypto::Fernet key_of_words() {
    return *crypto::Fernet::from_bytes(Secret(std::string(32, 'w')));
}

std::string token_at(std::string_view plaintext, std::uint64_t second) {
    return *key_of_words().encrypt(crypto::bytes_of(plaintext),
                                   crypto::FernetTime(std::chrono::duration<std::uint64_t>(second)));
}

/// Statements over n(id, a, s): s is encrypted; names, aliases and places clash as often as they can.
class Statements {
public:
    std::string next() {
        std::string text = one_of({"", "", "", "WITH w(a, s, id) AS (SELECT s, a, id FROM n) ",
                                   "WITH w AS (SELECT id AS s, s AS a, a AS id FROM n) "});
        with_ = !text.empty();
        text += core();
        const int more = number(4) == 0 ? 1 + number(2) : 0;
        for (int i = 0; i < more; ++i)
            text +=
                std::string(one_of({" UNION ALL ", " UNION ALL ", " UNION ALL ", " UNION ", " EXCEPT "})) +
                core();
        if (number(2) == 0) text += " ORDER BY " + term() + (number(3) == 0 ? ", " + term() : "");
        return text;
    }

private:
    int number(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
    template <std::size_t N>
    const char* one_of(const char* const (&words)[N]) {
        return words[static_cast<std::size_t>(number(static_cast<int>(N)))];
    }
    std::string name() { return one_of({"id", "a", "s", "x.s", "x.a", "S", "\"a\"", "rowid"}); }

    std::string value(int depth = 2) {
        if (depth == 0 || number(3) != 0) return name();
        const std::string inner = value(depth - 1);
        switch (number(9)) {
            case 0:
                return inner + " IS NULL";
            case 1:
                return "count(" + inner + ")";
            case 2:
                return "(" + inner + ")";
            case 3:
                return "(SELECT " + inner + " FROM n AS y LIMIT 1)";
            case 4:
                return "coalesce(" + inner + ", " + value(depth - 1) + ")";
            case 5:
                return inner + one_of({" = ", " < ", " IS ", " || "}) + value(depth - 1);
            case 6:
                return inner + " IN (SELECT " + name() + " FROM n)";
            case 7:
                return std::string(one_of({"likely", "max", "length", "typeof", "+", "NOT "})) + "(" + inner +
                       ")";
            default:
                return "CASE WHEN " + inner + " THEN " + value(depth - 1) + " END";
        }
    }
    std::string core() {
        std::string text =
            std::string("SELECT ") + (number(6) == 0 ? "DISTINCT " : "") + column() + ", " + column();
        text += " FROM " + from();
        if (number(3) == 0) text += " WHERE " + value();
        if (number(4) == 0) text += " GROUP BY " + term();
        return text;
    }
    std::string column() {
        if (number(9) == 0) return one_of({"*", "x.*"});
        return value() + one_of({"", "", " AS a", " AS s", " AS id", " AS q"});
    }
    std::string from() {
        return one_of({"n AS x", "n AS x", "(SELECT * FROM n) AS x",
                       "(SELECT s AS a, a AS s, id FROM n) AS x", "(SELECT id, a, a AS s FROM n) AS x",
                       "n AS x JOIN n AS z USING (id)", "(SELECT * FROM n ORDER BY id DESC) AS x",
                       with_ ? "w AS x" : "n AS x", "n AS x NATURAL JOIN n AS z",
                       "(SELECT id, s FROM n) AS x JOIN (SELECT id, a FROM n) AS z USING (id)"});
    }
    std::string term() {
        return std::string(one_of({"1", "2", "+2", "(1)", "id", "a", "s", "q", "x.s", "x.a", "S", "likely(s)",
                                   "likely(a)"})) +
               one_of({"", "", "", " COLLATE NOCASE"});
    }

    std::mt19937 random_{20};
    bool with_ = false;
};

class CiphertextTest : public GatewayTest {
protected:
    void SetUp() override {
        GatewayTest::SetUp();
        execute("shop.db", "CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT, s TEXT)");
        for (int id = 1; id <= 8; ++id) {
            execute("shop.db", "INSERT INTO n VALUES (" + std::to_string(id) + ", 'a" +
                                   std::to_string(id % 3) + "', NULL)");
        }
        ASSERT_TRUE((*sources_.find(""))->refresh_catalog());
        auto set = policy::PolicySet::create({{"", "n", {Role::normal}, "id < :user.most", {}, "t"}}, {},
                                             {{"", "n", "s", {Role::normal}, "t"}});
        auto keys = std::make_shared<ColumnKeys>();
        std::vector<crypto::Fernet> one;
        one.push_back(key_of_words());
        keys->push_back(*crypto::KeyRing::create(std::move(one)));
        ASSERT_TRUE(gateway_->install_policies(std::make_shared<policy::PolicySet>(*std::move(set)), keys));
    }

    /// Plaintexts repeat: 1, 3, 5 are `odd`, 2, 4 are `even`, the rest NULL.
    void encrypt(bool backwards, bool equal_tokens) {
        std::string sql;
        const std::array<std::string, 2> shared{token_at("even", 500), token_at("odd", 400)};
        for (int id = 1; id <= 5; ++id) {
            const auto parity = static_cast<std::size_t>(id % 2);
            const std::uint64_t second = static_cast<std::uint64_t>(backwards ? 1000 - id : 1000 + id);
            const std::string token =
                equal_tokens ? shared.at(parity) : token_at(parity == 1 ? "odd" : "even", second);
            sql += "UPDATE n SET s = '" + token + "' WHERE id = " + std::to_string(id) + ";";
        }
        execute("shop.db", sql);
    }

    std::vector<std::vector<std::string>> answers(const std::vector<std::string>& statements) {
        std::vector<std::vector<std::string>> all;
        all.reserve(statements.size());
        for (const std::string& sql : statements)
            all.push_back(rows(principal(Role::normal, {{"most", {"8"}}}), sql));
        return all;
    }
};

TEST_F(CiphertextTest, has_no_influence_on_any_answer) {
    constexpr std::size_t tried = 500;
    Statements generator;
    std::vector<std::string> statements;
    for (std::size_t i = 0; i < tried; ++i) statements.push_back(generator.next());
    encrypt(false, false);
    const auto first = answers(statements);
    encrypt(true, false);
    const auto backwards = answers(statements);
    encrypt(true, true);
    const auto equal = answers(statements);
    std::size_t decrypted = 0;
    std::size_t refused = 0;
    for (std::size_t i = 0; i < tried; ++i) {
        EXPECT_EQ(first[i], backwards[i]) << statements[i];
        EXPECT_EQ(first[i], equal[i]) << statements[i];
        bool shows = false;
        for (const std::string& row : first[i]) {
            EXPECT_EQ(row.find("gAAAA"), std::string::npos) << statements[i];
            EXPECT_EQ(row.find("!undecryptable"), std::string::npos) << statements[i] << "\n" << row;
            EXPECT_NE(row.rfind("internal", 0), 0U) << statements[i] << "\n" << row;
            shows |= row.find("odd") != std::string::npos;
        }
        decrypted += shows ? 1U : 0U;
        refused += !first[i].empty() && first[i][0].find("is encrypted in the source") != std::string::npos
                       ? 1U
                       : 0U;
    }
    // The generator meets both sides often.
    EXPECT_GT(decrypted, tried / 20);
    EXPECT_GT(refused, tried / 5);
    RecordProperty("decrypted", static_cast<int>(decrypted));
    RecordProperty("refused", static_cast<int>(refused));
}

}  // namespace ciphertext_test
}  // namespace majed::gateway
