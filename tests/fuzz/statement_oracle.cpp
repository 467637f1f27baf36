// SPDX-License-Identifier: Apache-2.0
#include "fuzz/statement_oracle.h"

#include "core/ascii.h"
#include "rewrite/enforcement.h"
#include "rewrite/rewriter.h"
#include "sql/functions.h"
#include "sql/parser.h"
#include "sql/resolver.h"
#include "sql/walk.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace majed::fuzz {
namespace {

constexpr const char* tables =
    "CREATE TABLE %.t1 (id INTEGER PRIMARY KEY, a TEXT, b INT, region TEXT);"
    "CREATE INDEX %.t1_a ON t1 (a);"
    "CREATE TABLE %.t2 (id INTEGER PRIMARY KEY, a TEXT, t1_id INT, c REAL);"
    "CREATE TABLE %.free (k TEXT, v, PRIMARY KEY (k)) WITHOUT ROWID;"
    "CREATE TABLE %.secret (word TEXT);";

struct CloseConnection {
    void operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Prepared = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

std::string in_schema(std::string text, const std::string& schema) {
    for (auto at = text.find('%'); at != std::string::npos; at = text.find('%')) text.replace(at, 1, schema);
    return text;
}

void execute(sqlite3* connection, const std::string& sql) {
    if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
}

void no_value(sqlite3_context* context, int, sqlite3_value**) {
    sqlite3_result_null(context);
}

catalog::Snapshot snapshot() {
    using catalog::Column;
    catalog::Relation t1;
    t1.name = "t1";
    t1.columns = {Column{"id", "INTEGER"}, Column{"a", "TEXT"}, Column{"b", "INT"}, Column{"region", "TEXT"}};
    t1.rowid_column = 0;
    t1.indexes = {"t1_a"};
    catalog::Relation t2;
    t2.name = "t2";
    t2.columns = {Column{"id", "INTEGER"}, Column{"a", "TEXT"}, Column{"t1_id", "INT"}, Column{"c", "REAL"}};
    t2.rowid_column = 0;
    catalog::Relation free;
    free.name = "free";
    free.columns = {Column{"k", "TEXT"}, Column{"v", ""}};
    free.without_rowid = true;
    catalog::Relation secret;
    secret.name = "secret";
    secret.columns = {Column{"word", "TEXT"}};
    return catalog::Snapshot({t1, t2, free, secret});
}

std::shared_ptr<const rewrite::Enforcement> enforcement() {
    using policy::Role;
    auto policies = policy::PolicySet::create(
        {{"", "t1", {Role::normal}, "region = :user.region", {}, "fuzz"},
         {"",
          "t2",
          {Role::normal},
          "t1_id IN (SELECT id FROM t1 WHERE region IN (:user.regions))",
          {},
          "fuzz"},
         {"", "free", {Role::normal}, "*", {}, "fuzz"}},
        {{"", "t1", "a", {Role::normal}, *policy::parse_mask("partial(1,1)"), "fuzz"}});
    rewrite::Nonce nonce;
    nonce.text = "g_0123456789abcdef0123456789abcdef";
    nonce.generation = 1;
    nonce.hash_key.assign(32, 0);
    return *rewrite::Enforcement::compile(*policies, "fuzz", snapshot(), std::move(nonce));
}

/// The tables as they are, all of them open to writes.
class WritableSchema : public sql::Schema {
public:
    WritableSchema() {
        add("t1", {"id", "a", "b", "region"}).rowid_column = 0;
        add("t2", {"id", "a", "t1_id", "c"}).rowid_column = 0;
        add("free", {"k", "v"}).has_rowid = false;
        add("secret", {"word"});
    }

    [[nodiscard]] const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                                           std::string_view name) const override {
        if (!qualifier.empty() && !equal_ascii_case(qualifier, "main")) return nullptr;
        const auto same = [name](const auto& each) { return equal_ascii_case(each.first, name); };
        const auto found = std::find_if(relations_.begin(), relations_.end(), same);
        return found == relations_.end() ? nullptr : &found->second;
    }

    [[nodiscard]] bool function_allowed(std::string_view name) const override {
        return sql::function_facts(name) != nullptr;
    }

private:
    sql::SchemaRelation& add(const std::string& name, const std::vector<std::string>& columns) {
        sql::SchemaRelation& relation = relations_[name];
        relation.name = name;
        relation.writable = true;
        for (const std::string& column : columns) {
            relation.columns.emplace_back();
            relation.columns.back().name = column;
        }
        return relation;
    }

    std::map<std::string, sql::SchemaRelation> relations_;
};

/// Parts of errors only the engine can see: counts, ambiguity, misuse, its own limits.
constexpr std::array meaning_errors = std::to_array<std::string_view>({"ambiguous column name",
                                                                       "misuse of",
                                                                       "wrong number of arguments",
                                                                       "number of result columns",
                                                                       "row value misused",
                                                                       "sub-select returns",
                                                                       "ORDER BY term",
                                                                       "GROUP BY term",
                                                                       "aggregate functions are not",
                                                                       "window",
                                                                       "frame",
                                                                       "DISTINCT",
                                                                       "FILTER",
                                                                       "HAVING",
                                                                       "cannot join using column",
                                                                       "a NATURAL join may not",
                                                                       "no such collation",
                                                                       "no such index",
                                                                       "circular reference",
                                                                       "recursive",
                                                                       "multiple recursive",
                                                                       "too many",
                                                                       "too large",
                                                                       "variable number",
                                                                       "unsupported frame",
                                                                       "second argument to",
                                                                       "no such window",
                                                                       "LIMIT clause",
                                                                       "ORDER BY clause",
                                                                       "all VALUES must",
                                                                       "values for",
                                                                       "RANGE with offset",
                                                                       "no tables specified",
                                                                       "ON clause references",
                                                                       "cannot use",
                                                                       "override",
                                                                       "out of range",
                                                                       "IN(...) element",
                                                                       "unknown join type",
                                                                       "parser stack overflow",
                                                                       "no query solution",
                                                                       "Expression tree",
                                                                       "json_each",
                                                                       "json_tree",
                                                                       "RIGHT and FULL",
                                                                       "hex literal too big",
                                                                       "oversized integer",
                                                                       "string or blob too big",
                                                                       "not authorized to use function",
                                                                       "at most",
                                                                       "ORDER BY without LIMIT",
                                                                       "string literal",
                                                                       "no such column: NEW",
                                                                       "likelihood",
                                                                       "unable to use",
                                                                       "no such function",
                                                                       "columns assigned",
                                                                       "ON CONFLICT clause does not match",
                                                                       "may not be modified",
                                                                       "nondeterministic"});

bool is_meaning_error(std::string_view message) {
    return std::any_of(meaning_errors.begin(), meaning_errors.end(), [message](std::string_view each) {
        return message.find(each) != std::string_view::npos;
    });
}

/// A name in a message may hold any words; the engine's own stand at its ends.
bool is_syntax_error(std::string_view message) {
    return (message.starts_with("near \"") && message.ends_with(": syntax error")) ||
           message.starts_with("unrecognized token: ") || message == "incomplete input";
}

}  // namespace

class StatementOracle::State {
public:
    State()
        : enforcement_(enforcement()), profile_(enforcement_->profile(policy::Role::normal, attributes())) {
        plain_ = open();
        execute(plain_.get(), in_schema(tables, "main"));
        execute(plain_.get(), "SELECT 1 FROM json_each('[]'); SELECT 1 FROM json_tree('[]')");
        plain_schema_ = std::make_unique<WritableSchema>();
        guarded_ = open();
        const driver::GuardSet& guard = *enforcement_->guard_set();
        execute(guarded_.get(), "ATTACH ':memory:' AS \"" + guard.base_schema + "\"");
        execute(guarded_.get(), in_schema(tables, "\"" + guard.base_schema + "\""));
        for (const std::string& function :
             {guard.attribute_function, guard.attribute_list_function, guard.hash_function}) {
            sqlite3_create_function(guarded_.get(), function.c_str(), 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                    nullptr, no_value, nullptr, nullptr);
        }
        execute(guarded_.get(), "SELECT 1 FROM json_each('[]'); SELECT 1 FROM json_tree('[]')");
        for (const driver::GuardView& view : guard.views) {
            execute(guarded_.get(), "CREATE TEMP VIEW \"" + view.name + "\" AS " + view.select);
            reads_[view.name] = {view.reads.begin(), view.reads.end()};
        }
        read_roots(guard.base_schema);
        sqlite3_db_config(guarded_.get(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
        sqlite3_set_authorizer(guarded_.get(), authorize, this);
    }

    std::string check_parse(std::string_view text) {
        const auto parsed = parser_.parse(text);
        if (!parsed) {
            const auto& offset = parsed.error().offset;
            return offset && *offset > text.size() ? "an error lies outside the text" : "";
        }
        std::string broken;
        sql::walk_expressions(**parsed, [&](sql::Expr& expr) {
            if (expr.span.end > text.size() || expr.span.begin >= expr.span.end)
                broken = "a span lies outside";
        });
        if (!broken.empty()) return broken;
        const std::string message = prepare(plain_.get(), std::string(text)).second;
        return is_syntax_error(message) ? "we parse what SQLite does not: " + message : "";
    }

    std::string check_write(std::string_view text) {
        const auto parsed = parser_.parse_statement(text);
        if (!parsed) {
            const auto& offset = parsed.error().offset;
            return offset && *offset > text.size() ? "an error lies outside the text" : "";
        }
        if (parsed->write == nullptr) return {};
        std::string broken;
        sql::walk_expressions(*parsed->write, [&](sql::Expr& expr) {
            if (expr.span.end > text.size() || expr.span.begin >= expr.span.end)
                broken = "a span lies outside";
        });
        if (!broken.empty()) return broken;
        Touched touched;
        sqlite3_set_authorizer(plain_.get(), note_touched, &touched);
        const std::string message = prepare(plain_.get(), std::string(text)).second;
        sqlite3_set_authorizer(plain_.get(), nullptr, nullptr);
        if (is_syntax_error(message)) return "we parse what SQLite does not: " + message;
        sql::Resolution resolution;
        if (!sql::resolve(*parsed->write, text, *plain_schema_, parser_.arena(), resolution)) return {};
        if (!message.empty())
            return is_meaning_error(message) ? "" : "we resolve what SQLite does not: " + message;
        return missed(touched, resolution);
    }

    std::string check_rewrite(std::string_view text) {
        const auto parsed = parser_.parse(text);
        if (!parsed) return {};
        sql::Resolution resolution;
        if (!sql::resolve(**parsed, text, profile_, parser_.arena(), resolution)) return {};
        const auto rewritten = rewrite::rewrite(**parsed, text, resolution, *enforcement_);
        if (!rewritten) return {};
        const auto verified = rewrite::verify(*rewritten, resolution, *enforcement_, verifier_);
        if (!verified) return "not verified: " + rewritten->sql;
        reading_ = &*rewritten;
        violation_.clear();
        auto [statement, message] = prepare(guarded_.get(), rewritten->sql);
        if (!violation_.empty()) return violation_ + " in " + rewritten->sql;
        if (!statement) return is_meaning_error(message) ? "" : message + " in " + rewritten->sql;
        if (sqlite3_stmt_readonly(statement.get()) == 0) return "not read-only: " + rewritten->sql;
        return opened_tables(rewritten->sql);
    }

private:
    static Attributes attributes() { return {{"region", {"N"}}, {"regions", {"N", "E"}}}; }

    static Connection open() {
        sqlite3* connection = nullptr;
        if (sqlite3_open(":memory:", &connection) != SQLITE_OK) std::abort();
        return Connection(connection);
    }

    static std::pair<Prepared, std::string> prepare(sqlite3* connection, const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        const int code =
            sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
        return {Prepared(statement), code == SQLITE_OK ? "" : sqlite3_errmsg(connection)};
    }

    /// `table.column` of each read, `table` of each row and `table.column` of each column written; lower case.
    struct Touched {
        std::set<std::string> read;
        std::set<std::string> written;
    };

    static std::string lowered(const char* text) {
        std::string out = text == nullptr ? "" : text;
        std::transform(out.begin(), out.end(), out.begin(), [](char c) { return ascii_lower(c); });
        return out;
    }

    static int note_touched(void* into, int action, const char* first, const char* second,
                            const char* database, const char*) {
        auto& touched = *static_cast<Touched*>(into);
        // A read of no column is reported under the name as written, which may be that of a WITH table.
        if (action == SQLITE_READ && database != nullptr && *second != '\0')
            touched.read.insert(lowered(first) + "." + lowered(second));
        if (action == SQLITE_INSERT || action == SQLITE_DELETE) touched.written.insert(lowered(first));
        if (action == SQLITE_UPDATE) touched.written.insert(lowered(first) + "." + lowered(second));
        return SQLITE_OK;
    }

    /// What the engine touches that the resolution does not tell.
    static std::string missed(const Touched& touched, const sql::Resolution& resolution) {
        std::set<std::string> read;
        for (const sql::ColumnUse& use : resolution.columns)
            read.insert(lowered((use.relation->name + "." + use.relation->columns[use.column].name).c_str()));
        for (const sql::Expr* expr : resolution.rowids) {
            if (expr->source->relation != nullptr)
                read.insert(lowered(expr->source->relation->name.c_str()) + ".rowid");
        }
        const std::string target = lowered(resolution.target->relation->name.c_str());
        std::set<std::string> written{target};
        for (const sql::ColumnWrite& each : resolution.written) {
            const bool by_name = each.column && each.relation->rowid_column != *each.column;
            if (each.column)
                written.insert(target + "." + lowered(each.relation->columns[*each.column].name.c_str()));
            if (!by_name) written.insert(target + ".rowid");
        }
        for (const std::string& each : touched.read) {
            // LIMIT finds the rows of a table without row ids by its key.
            if (!read.contains(each) && !(target == "free" && each == "free.k"))
                return "not found read: " + each;
        }
        for (const std::string& each : touched.written) {
            if (!written.contains(each)) return "not found written: " + each;
        }
        return {};
    }

    void read_roots(const std::string& schema) {
        const auto [statement, message] =
            prepare(guarded_.get(),
                    "SELECT rootpage, tbl_name FROM \"" + schema + "\".sqlite_master WHERE rootpage > 0");
        while (sqlite3_step(statement.get()) == SQLITE_ROW) {
            roots_[sqlite3_column_int(statement.get(), 0)] =
                reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 1));
        }
    }

    static int authorize(void* self, int action, const char* first, const char* second, const char* database,
                         const char* accessor) {
        auto& state = *static_cast<State*>(self);
        if (action != SQLITE_READ || database == nullptr || state.reading_ == nullptr) return SQLITE_OK;
        if (state.enforcement_->guard_set()->base_schema != database) return SQLITE_OK;
        const auto& views = state.reading_->guard_views;
        const bool through_view =
            accessor != nullptr && std::find(views.begin(), views.end(), accessor) != views.end();
        // A flattened view of which no column is used is not named; its schema name still proves the view.
        const bool no_column = second != nullptr && *second == '\0' && state.accounted_for(first);
        if (!through_view && !no_column)
            state.violation_ = std::string("reads ") + first + " outside its guard view";
        return SQLITE_OK;
    }

    [[nodiscard]] bool accounted_for(const std::string& table) {
        const auto& views = reading_->guard_views;
        return std::any_of(views.begin(), views.end(),
                           [&](const std::string& view) { return reads_[view].contains(table); });
    }

    /// Tables the compiled program opens must be those its guard views account for.
    std::string opened_tables(const std::string& sql) {
        std::set<std::string> allowed;
        for (const std::string& view : reading_->guard_views) {
            allowed.insert(reads_[view].begin(), reads_[view].end());
        }
        const auto [explain, message] = prepare(guarded_.get(), "EXPLAIN " + sql);
        while (explain && sqlite3_step(explain.get()) == SQLITE_ROW) {
            const std::string_view opcode =
                reinterpret_cast<const char*>(sqlite3_column_text(explain.get(), 1));
            if (opcode == "OpenWrite") return "opens a table for writing: " + sql;
            if (opcode != "OpenRead") continue;
            constexpr int attached = 2;
            if (sqlite3_column_int(explain.get(), 4) != attached)
                return "opens a table outside the source: " + sql;
            const std::string& table = roots_[sqlite3_column_int(explain.get(), 3)];
            if (!allowed.contains(table)) return "opens " + table + " behind the views: " + sql;
        }
        return {};
    }

    std::shared_ptr<const rewrite::Enforcement> enforcement_;
    const rewrite::Profile& profile_;
    std::unique_ptr<WritableSchema> plain_schema_;
    sql::Parser parser_;
    sql::Parser verifier_;
    Connection plain_;
    Connection guarded_;
    std::map<std::string, std::set<std::string>> reads_;
    std::map<int, std::string> roots_;
    const rewrite::Rewritten* reading_ = nullptr;
    std::string violation_;
};

StatementOracle::StatementOracle() : state_(std::make_unique<State>()) {}
StatementOracle::~StatementOracle() = default;

std::string StatementOracle::check_parse(std::string_view text) {
    return state_->check_parse(text);
}
std::string StatementOracle::check_write(std::string_view text) {
    return state_->check_write(text);
}
std::string StatementOracle::check_rewrite(std::string_view text) {
    return state_->check_rewrite(text);
}

}  // namespace majed::fuzz
