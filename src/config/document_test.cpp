// SPDX-License-Identifier: Apache-2.0
#include "config/document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace majed::config {
namespace {

using std::chrono::milliseconds;

Document parse(std::string_view text, Overrides overrides = {}) {
    auto parsed = Document::parse(text, "majed.toml", std::move(overrides));
    EXPECT_TRUE(parsed) << parsed.error().message;
    return std::move(*parsed);
}

/// What finish() says; empty when it says nothing.
std::string mistakes(Document& document) {
    const auto finished = document.finish();
    if (!finished) {
        EXPECT_EQ(finished.error().code, ErrorCode::invalid_argument);
    }
    return finished ? "" : finished.error().message;
}

TEST(Document, gives_values_of_every_kind) {
    Document document = parse(R"(
[server]
listen = "0.0.0.0:80"
tls = true
workers = 4
timeout = "30s"
max_body = "64MiB"
names = ["a", "b"]
)");
    Table server = document.table("server");
    EXPECT_EQ(server.text("listen"), "0.0.0.0:80");
    EXPECT_TRUE(server.flag("tls"));
    EXPECT_EQ(server.integer("workers"), 4);
    EXPECT_EQ(server.duration("timeout"), milliseconds(30'000));
    EXPECT_EQ(server.size("max_body"), 67108864U);
    EXPECT_EQ(server.texts("names"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(mistakes(document), "");
}

TEST(Document, gives_fallbacks_for_what_is_absent_also_in_absent_tables) {
    Document document = parse("");
    Table server = document.table("server");
    EXPECT_FALSE(server.present());
    EXPECT_EQ(server.text("listen", {.fallback = "127.0.0.1:8080"}), "127.0.0.1:8080");
    EXPECT_TRUE(server.flag("tls", {.fallback = true}));
    EXPECT_EQ(server.duration("timeout", {.fallback = milliseconds(5)}), milliseconds(5));
    EXPECT_EQ(server.texts("names", {.fallback = {{"x"}}}), (std::vector<std::string>{"x"}));
    EXPECT_EQ(server.optional_text("title"), std::nullopt);
    EXPECT_FALSE(server.secret("password"));
    EXPECT_TRUE(document.array_of_tables("sources").empty());
    EXPECT_EQ(mistakes(document), "");
}

TEST(Document, says_what_is_missing) {
    Document document = parse("[server]\ntls = true\n");
    Table server = document.table("server");
    EXPECT_TRUE(server.flag("tls"));
    EXPECT_EQ(server.text("listen"), "");
    EXPECT_EQ(mistakes(document), "majed.toml:1: server.listen: missing; expected a text");
}

TEST(Document, refuses_unknown_keys_with_file_line_key_and_what_is_known) {
    Document document = parse("[server]\nlisten = \"x\"\nlisen = \"y\"\n[serve]\nx = 1\n");
    EXPECT_EQ(document.table("server").text("listen"), "x");
    static_cast<void>(document.table("server").optional_text("host"));
    EXPECT_EQ(mistakes(document),
              "majed.toml:3: server.lisen: unknown key; expected listen, host\n"
              "majed.toml:4: serve: unknown key; expected server");
}

TEST(Document, reports_every_value_it_cannot_read_at_once_in_order_of_lines) {
    Document document =
        parse("a = 1\nb = \"x\"\nc = 30\nd = \"64 MB\"\ne = [1]\nf = 1.5\ng = \"blue\"\nh = 11\n");
    Table root = document.root();
    EXPECT_EQ(root.integer("h", {.fallback = 7, .min = 1, .max = 10}), 7);
    EXPECT_EQ(root.text("g", {.fallback = "red", .one_of = {"red", "green"}}), "red");
    EXPECT_EQ(root.integer("f"), 0);
    EXPECT_TRUE(root.texts("e").empty());
    EXPECT_EQ(root.size("d"), 0U);
    EXPECT_EQ(root.duration("c", {.max = milliseconds(60'000)}), milliseconds(0));
    EXPECT_FALSE(root.flag("b"));
    EXPECT_EQ(root.text("a"), "");
    EXPECT_EQ(mistakes(document),
              "majed.toml:1: a: expected a text, found 1\n"
              "majed.toml:2: b: expected true or false, found \"x\"\n"
              "majed.toml:3: c: expected a duration such as 500ms, 30s or 2m, from 0ms to 1m, found 30\n"
              "majed.toml:4: d: expected a size such as 64KiB or 64MiB, at least 0, found \"64 MB\"\n"
              "majed.toml:5: e: expected an array of texts, found an array\n"
              "majed.toml:6: f: expected a whole number, found another kind of value\n"
              "majed.toml:7: g: expected one of red, green, found \"blue\"\n"
              "majed.toml:8: h: expected a whole number from 1 to 10, found 11");
}

TEST(Document, refuses_text_that_is_no_toml_with_its_line) {
    const auto refused = Document::parse("a = 1\nb = = 2\n", "majed.toml", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(refused.error().message.rfind("majed.toml:2: ", 0), 0U) << refused.error().message;
    EXPECT_EQ(Document::parse("a = 1\na = 2\n", "majed.toml", {}).error().code, ErrorCode::invalid_argument);
}

TEST(Document, lets_a_flag_win_over_the_environment_over_the_file_over_the_default) {
    const std::string_view file = "[server]\na = \"file\"\nb = \"file\"\nc = \"file\"\n";
    Overrides overrides;
    overrides.environment = {{"MAJED_SERVER_A", "env"}, {"MAJED_SERVER_B", "env"}, {"MAJED_SERVER_E", "env"}};
    overrides.flags = {{"server.a", "flag"}};
    Document document = parse(file, overrides);
    Table server = document.table("server");
    EXPECT_EQ(server.text("a", {.fallback = "default"}), "flag");
    EXPECT_EQ(server.text("b", {.fallback = "default"}), "env");
    EXPECT_EQ(server.text("c", {.fallback = "default"}), "file");
    EXPECT_EQ(server.text("d", {.fallback = "default"}), "default");
    EXPECT_EQ(server.text("e"), "env");
    EXPECT_EQ(mistakes(document), "");
    std::vector<std::string> origins;
    for (const Setting& setting : document.settings()) origins.push_back(setting.origin);
    EXPECT_EQ(origins, (std::vector<std::string>{"flag", "environment MAJED_SERVER_B", "majed.toml:4",
                                                 "default", "environment MAJED_SERVER_E"}));
}

TEST(Document, reads_other_types_from_the_environment) {
    Overrides overrides;
    overrides.environment = {{"MAJED_SERVER_TLS", "true"},      {"MAJED_SERVER_WORKERS", "8"},
                             {"MAJED_SERVER_MAX_BODY", "1024"}, {"MAJED_SERVER_TIMEOUT", "2m"},
                             {"MAJED_SERVER_NAMES", "a, b,c"},  {"MAJED_SERVER_BAD", "eight"}};
    Document document = parse("", overrides);
    Table server = document.table("server");
    EXPECT_TRUE(server.flag("tls"));
    EXPECT_EQ(server.integer("workers"), 8);
    EXPECT_EQ(server.size("max_body"), 1024U);
    EXPECT_EQ(server.duration("timeout"), milliseconds(120'000));
    EXPECT_EQ(server.texts("names"), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(server.integer("bad", {.fallback = 1}), 1);
    EXPECT_EQ(
        mistakes(document),
        "majed.toml: server.bad (environment MAJED_SERVER_BAD): expected a whole number, found \"eight\"");
}

TEST(Document, keeps_text_of_the_file_apart_from_numbers) {
    Document document = parse("a = \"8\"\nb = \"true\"\n");
    EXPECT_EQ(document.root().integer("a"), 0);
    EXPECT_FALSE(document.root().flag("b"));
    EXPECT_NE(mistakes(document), "");
}

TEST(Document, replaces_variables_in_text_and_lets_them_stand_for_any_type) {
    Overrides overrides;
    overrides.environment = {{"HOST", "db1"}, {"WORKERS", "8"}, {"EMPTY", ""}};
    Document document = parse(R"(
a = "oracle://${HOST}:${PORT:1521}/x"
b = "${WORKERS}"
c = "${EMPTY}"
d = "cost: $5 $${HOST}"
e = ["${HOST}", "${NOPE:}"]
)",
                              overrides);
    Table root = document.root();
    EXPECT_EQ(root.text("a"), "oracle://db1:1521/x");
    EXPECT_EQ(root.integer("b"), 8);
    EXPECT_EQ(root.text("c"), "");
    EXPECT_EQ(root.text("d"), "cost: $5 ${HOST}");
    EXPECT_EQ(root.texts("e"), (std::vector<std::string>{"db1", ""}));
    EXPECT_EQ(mistakes(document), "");
}

TEST(Document, does_not_replace_inside_what_it_has_put_in) {
    Overrides overrides;
    overrides.environment = {{"A", "${B}"}, {"B", "secret"}};
    Document document = parse("a = \"${A}\"", overrides);
    EXPECT_EQ(document.root().text("a"), "${B}");
    EXPECT_EQ(mistakes(document), "");
}

TEST(Document, reports_variables_without_a_value_with_their_line) {
    Document document = parse("[x]\na = \"${NOPE}\"\nb = \"${unclosed\"\nc = \"${1x}\"\n");
    Table x = document.table("x");
    EXPECT_EQ(x.integer("a", {.fallback = 3}), 3);
    static_cast<void>(x.text("b"));
    static_cast<void>(x.text("c"));
    EXPECT_EQ(mistakes(document),
              "majed.toml:2: x.a: ${NOPE}: the environment has no NOPE and no default is given\n"
              "majed.toml:3: x.b: expected } after ${\n"
              "majed.toml:4: x.c: expected ${NAME} or ${NAME:default}");
}

TEST(Document, walks_arrays_of_tables_and_names_them_in_mistakes) {
    Overrides overrides;
    overrides.environment = {{"MAJED_SOURCES_SALES_POOL_MAX", "20"}, {"MAJED_SOURCES_HR_USER", "gateway"}};
    Document document = parse(R"([[sources]]
name = "sales"
pool = { min = 2, max = 10 }
[[sources]]
name = "hr"
colour = "red"
[[policies]]
table = "customers"
tabel = "x"
)",
                              overrides);
    std::vector<Table> sources = document.array_of_tables("sources");
    ASSERT_EQ(sources.size(), 2U);
    EXPECT_EQ(sources[0].text("name"), "sales");
    EXPECT_EQ(sources[1].text("name"), "hr");
    EXPECT_EQ(sources[0].table("pool").integer("min"), 2);
    EXPECT_EQ(sources[0].table("pool").integer("max"), 20);
    EXPECT_EQ(sources[1].optional_text("user"), "gateway");
    EXPECT_EQ(sources[0].origin(), "majed.toml:1");
    EXPECT_EQ(sources[1].origin("name"), "majed.toml:5");
    EXPECT_EQ(document.array_of_tables("policies").front().text("table"), "customers");
    EXPECT_EQ(mistakes(document),
              "majed.toml:6: sources[hr].colour: unknown key; expected name, user\n"
              "majed.toml:9: policies[1].tabel: unknown key; expected table");
}

TEST(Document, refuses_a_table_where_tables_are_expected_and_the_reverse) {
    Document document = parse("[sources]\nname = \"x\"\n[[server]]\nlisten = \"x\"\n");
    EXPECT_TRUE(document.array_of_tables("sources").empty());
    EXPECT_FALSE(document.table("server").present());
    const std::string said = mistakes(document);
    EXPECT_NE(said.find("majed.toml:1: sources: expected tables, each headed [[sources]], found a table"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("majed.toml:3: server: expected a table, found an array"), std::string::npos) << said;
}

TEST(Document, never_shows_a_secret_in_settings_or_mistakes) {
    Document document = parse("[a]\npassword = \"hunter22\"\n[b]\npassword = 7654321\n");
    EXPECT_EQ(document.table("a").secret("password")->reveal(), "hunter22");
    EXPECT_FALSE(document.table("b").secret("password"));
    for (const Setting& setting : document.settings()) EXPECT_EQ(setting.value, "***");
    EXPECT_EQ(mistakes(document), "majed.toml:4: b.password: expected a text");
}

TEST(Document, takes_mistakes_of_its_caller_at_the_line_of_the_key) {
    Document document = parse("[server]\nlisten = \"nowhere\"\n");
    Table server = document.table("server");
    static_cast<void>(server.text("listen"));
    server.mistake("listen", "expected ADDRESS:PORT");
    EXPECT_EQ(mistakes(document), "majed.toml:2: server.listen: expected ADDRESS:PORT");
}

/// A folder with files, for includes and secrets.
class DocumentFiles : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "majed_config_XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        std::filesystem::create_directory(folder_ / "policies");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, std::string_view text) {
        std::ofstream(folder_ / name) << text;
        return (folder_ / name).string();
    }
    /// Without the folder, whose name changes from run to run.
    std::string shorten(std::string text) {
        const std::string prefix = folder_.string() + "/";
        for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
            text.erase(at, prefix.size());
        }
        return text;
    }

    std::filesystem::path folder_;
};

TEST_F(DocumentFiles, includes_matching_files_in_order_and_keeps_their_lines) {
    write("policies/b.toml", "[[policies]]\ntable = \"orders\"\n");
    write("policies/a.toml", "\n[[policies]]\ntable = \"products\"\n");
    write("policies/notes.txt", "not toml");
    const auto main = write("majed.toml",
                            "include = [\"policies/*.toml\", \"policies/a.toml\"]\n"
                            "[[policies]]\ntable = \"customers\"\n");
    auto document = Document::read(main, {});
    ASSERT_TRUE(document) << document.error().message;
    std::vector<std::string> seen;
    for (Table& policy : document->array_of_tables("policies")) {
        seen.push_back(policy.text("table") + "@" + shorten(policy.origin()));
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"customers@majed.toml:2", "products@policies/a.toml:2",
                                              "orders@policies/b.toml:1"}));
    EXPECT_EQ(document->files().size(), 3U);
    EXPECT_EQ(mistakes(*document), "");
}

TEST_F(DocumentFiles, refuses_what_two_files_say_differently) {
    write("more.toml", "[server]\nlisten = \"b\"\nother = \"c\"\n");
    const auto main = write("majed.toml", "include = [\"more.toml\"]\n[server]\nlisten = \"a\"\n");
    auto document = Document::read(main, {});
    ASSERT_TRUE(document);
    EXPECT_EQ(document->table("server").text("listen"), "a");
    EXPECT_EQ(document->table("server").text("other"), "c");
    EXPECT_EQ(shorten(mistakes(*document)), "more.toml:2: server.listen: given already at majed.toml:3");
}

TEST_F(DocumentFiles, reports_included_files_that_are_absent_or_include_again) {
    write("more.toml", "include = [\"x.toml\"]\n");
    const auto main = write("majed.toml", "include = [\"gone.toml\", \"none/*.toml\", \"more.toml\"]\n");
    auto document = Document::read(main, {});
    ASSERT_TRUE(document);
    EXPECT_EQ(shorten(mistakes(*document)),
              "majed.toml:1: include: there is no file gone.toml\n"
              "more.toml:1: include: only the main file may include");
    write("more.toml", "a = = 1\n");
    EXPECT_EQ(Document::read(main, {}).error().code, ErrorCode::invalid_argument);
}

TEST_F(DocumentFiles, reads_a_secret_from_the_file_beside_the_configuration) {
    write("password.txt", "hunter22\n");
    const auto main = write("majed.toml", "[a]\npassword_file = \"password.txt\"\n");
    auto document = Document::read(main, {});
    EXPECT_EQ(document->table("a").secret("password")->reveal(), "hunter22");
    EXPECT_EQ(mistakes(*document), "");
}

TEST_F(DocumentFiles, lets_a_secret_of_the_environment_win_over_the_file_and_refuses_two_of_one_level) {
    write("password.txt", "hunter22\n");
    const auto main = write("majed.toml",
                            "[a]\npassword_file = \"password.txt\"\n"
                            "[b]\npassword = \"x\"\npassword_file = \"password.txt\"\n"
                            "[c]\npassword_file = \"gone.txt\"\n");
    Overrides overrides;
    overrides.environment = {{"MAJED_A_PASSWORD", "from outside"}};
    auto document = Document::read(main, overrides);
    EXPECT_EQ(document->table("a").secret("password")->reveal(), "from outside");
    EXPECT_FALSE(document->table("b").secret("password"));
    EXPECT_FALSE(document->table("c").secret("password"));
    const std::string said = shorten(mistakes(*document));
    EXPECT_EQ(said.rfind("majed.toml:5: b.password_file: expected only one of password and password_file\n"
                         "majed.toml:7: c.password_file: expected a readable file, gone.txt: ",
                         0),
              0U)
        << said;
}

TEST_F(DocumentFiles, says_not_found_for_a_file_that_is_not_there_and_unavailable_for_a_folder) {
    EXPECT_EQ(Document::read((folder_ / "gone.toml").string(), {}).error().code, ErrorCode::not_found);
    EXPECT_EQ(Document::read(folder_.string(), {}).error().code, ErrorCode::unavailable);
}

TEST(Environment, holds_the_variables_of_the_process) {
    ASSERT_EQ(::setenv("MAJED_TEST_VARIABLE", "a=b", 1), 0);
    EXPECT_EQ(process_environment().at("MAJED_TEST_VARIABLE"), "a=b");
    ASSERT_EQ(::unsetenv("MAJED_TEST_VARIABLE"), 0);
}

}  // namespace
}  // namespace majed::config
