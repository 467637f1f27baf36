// SPDX-License-Identifier: Apache-2.0
#include "access_policies.h"

#include <algorithm>
#include <map>
#include <utility>

#include "session.h"
#include "sql_translation.h"
#include "sql_writer.h"

namespace majed::oci_double {
namespace {

constexpr const char* policy_catalog =
    "CREATE TABLE IF NOT EXISTS majed_vpd_source(owner TEXT, name TEXT, type TEXT, line INTEGER, text TEXT);"
    "CREATE TABLE IF NOT EXISTS majed_vpd_context(namespace TEXT PRIMARY KEY, schema TEXT, package TEXT, "
    "type "
    "TEXT);"
    "CREATE TABLE IF NOT EXISTS majed_vpd_grants(grantor TEXT, grantee TEXT, name TEXT);"
    "CREATE TABLE IF NOT EXISTS majed_vpd_hidden(name TEXT);"
    "CREATE TABLE IF NOT EXISTS majed_vpd_privileges(privilege TEXT);"
    "CREATE TABLE IF NOT EXISTS majed_vpd_columns(object_owner TEXT, object_name TEXT, policy_group TEXT, "
    "policy_name TEXT);"
    "CREATE TABLE IF NOT EXISTS majed_vpd_policies(object_owner TEXT, object_name TEXT, policy_group TEXT, "
    " policy_name TEXT, pf_owner TEXT, package TEXT, function TEXT, sel TEXT, ins TEXT, upd TEXT, del TEXT, "
    " idx TEXT, chk_option TEXT, enable TEXT, policy_type TEXT, long_predicate TEXT,"
    " PRIMARY KEY (object_owner, object_name, policy_group, policy_name));"
    "CREATE TEMP VIEW ALL_POLICIES AS SELECT * FROM majed_vpd_policies;"
    "CREATE TEMP VIEW ALL_SEC_RELEVANT_COLS AS SELECT * FROM majed_vpd_columns;";

/// What the login was granted: a name in majed_vpd_hidden takes it away, once a session begins.
struct GrantedView {
    const char* name;
    const char* select;
};
constexpr GrantedView granted_views[] = {
    {"DBA_CONTEXT", "SELECT namespace, schema, package, type FROM majed_vpd_context"},
    {"DBA_SOURCE", "SELECT owner, name, type, line, text FROM majed_vpd_source"},
};

using Rows = std::vector<std::vector<std::string>>;

/// Parameters are texts.
Rows rows_of(Database& database, const std::string& sql, const std::vector<std::string>& parameters = {}) {
    Rows rows;
    const PreparedStatement statement = database.prepare(sql);
    if (!statement) {
        return rows;
    }
    for (std::size_t place = 0; place < parameters.size(); ++place) {
        sqlite3_bind_text(statement.get(), static_cast<int>(place + 1), parameters[place].data(),
                          static_cast<int>(parameters[place].size()), SQLITE_TRANSIENT);
    }
    while (sqlite3_step(statement.get()) == SQLITE_ROW) {
        std::vector<std::string>& row = rows.emplace_back();
        for (int column = 0; column < sqlite3_column_count(statement.get()); ++column) {
            const auto* text = static_cast<const char*>(sqlite3_column_blob(statement.get(), column));
            const int size = sqlite3_column_bytes(statement.get(), column);
            row.emplace_back(text == nullptr ? "" : text,
                             text == nullptr ? 0U : static_cast<std::size_t>(size));
        }
    }
    return rows;
}

std::string plain_name(const std::string& name) {
    const bool quoted = name.size() > 1 && name.front() == '"' && name.back() == '"';
    return quoted ? name.substr(1, name.size() - 2) : upper(name);
}

/// a => 'x', b => TRUE, c => D.E behind the name of a procedure.
std::map<std::string, std::string> arguments_of(const std::vector<Token>& tokens,
                                                std::string_view procedure) {
    std::map<std::string, std::string> arguments;
    auto token =
        std::find_if(tokens.begin(), tokens.end(), [&](const Token& each) { return each.is(procedure); });
    for (; token != tokens.end() && !token->is_symbol(")"); ++token) {
        auto behind = token + 1;
        if (behind == tokens.end() || !(behind->is_symbol("=>") || behind->is_symbol("="))) {
            continue;
        }
        behind += behind->is_symbol("=>") ? 1 : 2;
        auto last = behind;
        while ((last + 1) != tokens.end() && (last + 1)->is_symbol(".")) {
            last += 2;
        }
        arguments[token->text] = last->text;
    }
    return arguments;
}

Failure run_all(Database& database, const std::vector<std::string>& statements) {
    for (const std::string& statement : statements) {
        if (const int result = database.run(statement); result != SQLITE_OK) {
            return database.error(result);
        }
    }
    return std::nullopt;
}

std::vector<std::string> dropped_policy(const std::map<std::string, std::string>& arguments) {
    const auto value = [&](const char* name) {
        const auto found = arguments.find(name);
        return quoted_text(found == arguments.end() ? "" : plain_name(found->second));
    };
    return {"DELETE FROM majed_vpd_policies WHERE object_owner = " + value("OBJECT_SCHEMA") +
            " AND object_name = " + value("OBJECT_NAME") + " AND policy_name = " + value("POLICY_NAME")};
}

std::vector<std::string> made_policy(const Session& session,
                                     const std::map<std::string, std::string>& arguments) {
    const auto value = [&](const char* name) {
        const auto found = arguments.find(name);
        return found == arguments.end() ? std::string() : found->second;
    };
    const std::string function = upper(value("POLICY_FUNCTION"));
    const std::size_t dot = function.find('.');
    const auto yes = [](bool so) { return quoted_text(so ? "YES" : "NO"); };
    const std::string types = upper(value("STATEMENT_TYPES"));
    const auto concerns = [&](const char* type) { return yes(types.find(type) != std::string::npos); };
    return {"INSERT OR REPLACE INTO majed_vpd_policies VALUES (" +
            quoted_text(plain_name(value("OBJECT_SCHEMA"))) + "," +
            quoted_text(plain_name(value("OBJECT_NAME"))) + ",'SYS_DEFAULT'," +
            quoted_text(plain_name(value("POLICY_NAME"))) + "," + quoted_text(session.user()) + "," +
            quoted_text(function.substr(0, dot)) + "," + quoted_text(function.substr(dot + 1)) + "," +
            concerns("SELECT") + "," + concerns("INSERT") + "," + concerns("UPDATE") + "," +
            concerns("DELETE") + "," + concerns("INDEX") + "," + yes(value("UPDATE_CHECK") == "TRUE") +
            ",'YES'," + quoted_text(value("POLICY_TYPE")) + "," + yes(value("LONG_PREDICATE") == "TRUE") +
            ")"};
}

std::vector<std::string> made_package(const Session& session, const std::string& sql,
                                      const std::vector<Token>& tokens) {
    const auto word =
        std::find_if(tokens.begin(), tokens.end(), [](const Token& each) { return each.is("PACKAGE"); });
    const bool body = (word + 1)->is("BODY");
    const std::string owner = quoted_text(session.user());
    const std::string name = quoted_text((word + (body ? 2 : 1))->text);
    const std::string type = quoted_text(body ? "PACKAGE BODY" : "PACKAGE");
    std::vector<std::string> statements{"DELETE FROM majed_vpd_source WHERE owner = " + owner +
                                        " AND name = " + name + " AND type = " + type};
    std::string_view rest = std::string_view(sql).substr(word->begin);
    for (int line = 1; !rest.empty(); ++line) {
        const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
        statements.push_back("INSERT INTO majed_vpd_source VALUES (" + owner + "," + name + "," + type + "," +
                             std::to_string(line) + "," + quoted_text(rest.substr(0, end)) + ")");
        rest.remove_prefix(end);
    }
    return statements;
}

/// What a function of ours answers a user: nothing where it does not concern him.
struct FunctionAnswer {
    bool concerns = false;
    std::string condition = "1 = 0";
};

FunctionAnswer answer_of(const std::string& body, const std::string& function, const Session& session) {
    FunctionAnswer given;
    std::string text = body.substr(std::min(upper(body).find("FUNCTION " + function + "("), body.size()));
    text = text.substr(0, text.find("  FUNCTION ", 1));
    const std::vector<Token> tokens = scan_sql(text).tokens;
    const std::string role = session.context("MAJED_CTX", "ROLE");
    for (std::size_t index = 0; index + 1 < tokens.size(); ++index) {
        if (tokens[index].is_symbol("<>")) {
            given.concerns = tokens[index + 1].text == session.user();
        }
        if (!tokens[index].is("WHEN") || tokens[index + 1].text != role) {
            continue;
        }
        given.condition.clear();
        for (std::size_t part = index + 3; part < tokens.size(); ++part) {
            if (tokens[part].is("WHEN") || tokens[part].is("ELSE")) {
                break;
            }
            if (tokens[part].kind == TokenKind::text) {
                given.condition += tokens[part].text;
            } else if (tokens[part].kind == TokenKind::number) {
                given.condition += static_cast<char>(std::stoi(tokens[part].text));
            }
        }
    }
    return given;
}

/// The rows of the table itself that a condition holds for.
Failure rows_that_hold(const std::string& what, const std::string& table, const std::string& owner,
                       const std::string& condition, std::string& sql) {
    const Translation made = translate(
        "SELECT " + what + " FROM \"main\"." + quoted_name(table) + " WHERE (" + condition + ")", owner);
    sql = made.sql;
    return made.problem ? Failure{oracle_error(28113)} : Failure{};
}

struct Policy {
    std::string owner;
    std::string table;
    std::string condition;
    std::string action;  ///< Of four: sel, ins, upd, del.
    bool checks = false;
};

Failure statements_of(const Policy& policy, std::vector<std::string>& statements) {
    const std::string& table = policy.table;
    std::string rows;
    if (Failure failure =
            rows_that_hold(policy.action == "sel" ? "*" : "1", table, policy.owner, policy.condition, rows)) {
        return failure;
    }
    if (policy.action == "sel") {
        statements.push_back("CREATE TEMP VIEW " + quoted_name(table) + " AS " + rows);
        return std::nullopt;
    }
    const std::string verb = policy.action == "ins" ? "INSERT" : policy.action == "upd" ? "UPDATE" : "DELETE";
    const std::string on =
        verb + " ON main." + quoted_name(table) + " WHEN NOT EXISTS (" + rows + " AND ROWID = ";
    if (policy.action != "ins") {
        statements.push_back("CREATE TEMP TRIGGER " +
                             quoted_name("majed_vpd_before_" + policy.action + table) + " BEFORE " + on +
                             "OLD.ROWID) BEGIN SELECT RAISE(IGNORE); END");
    }
    if (policy.checks) {
        statements.push_back("CREATE TEMP TRIGGER " +
                             quoted_name("majed_vpd_after_" + policy.action + table) + " AFTER " + on +
                             "NEW.ROWID) BEGIN SELECT RAISE(ABORT, 'ORA-28115: policy with check option "
                             "violation'); END");
    }
    return std::nullopt;
}

std::vector<std::string> cleared(const std::set<std::string>& tables) {
    std::vector<std::string> statements{"DROP VIEW IF EXISTS temp.majed_vpd_mark"};
    for (const std::string& table : tables) {
        statements.push_back("DROP VIEW IF EXISTS temp." + quoted_name(table));
        for (const char* trigger : {"before_upd", "before_del", "after_ins", "after_upd"}) {
            statements.push_back("DROP TRIGGER IF EXISTS temp." +
                                 quoted_name("majed_vpd_" + std::string(trigger) + table));
        }
    }
    return statements;
}

}  // namespace

Failure add_policy_catalog(Database& database) {
    int result = database.run(policy_catalog);
    for (const GrantedView& view : granted_views) {
        if (result == SQLITE_OK &&
            database.text_of("SELECT 1 FROM majed_vpd_hidden WHERE name = ?1", view.name).empty()) {
            result = database.run("CREATE TEMP VIEW " + std::string(view.name) + " AS " + view.select);
        }
    }
    return result == SQLITE_OK ? Failure{} : Failure{database.error(result)};
}

bool defines_access_policies(const std::vector<Token>& tokens) {
    if (tokens.size() < 5) {
        return false;
    }
    if (tokens[0].is("CREATE") && tokens[1].is("OR") && tokens[2].is("REPLACE")) {
        return tokens[3].is("CONTEXT") || tokens[3].is("PACKAGE");
    }
    if (tokens[0].is("GRANT")) {
        return tokens[1].is("EXECUTE");
    }
    return (tokens[0].is("BEGIN") || tokens[0].is("DECLARE")) &&
           std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
               return token.is("DBMS_RLS") || token.is("RAISE_APPLICATION_ERROR");
           });
}

Failure define_access_policies(Session& session, const std::string& sql, const std::vector<Token>& tokens) {
    std::vector<std::string> statements;
    if (tokens[0].is("GRANT")) {
        statements.push_back("INSERT INTO majed_vpd_grants VALUES (" + quoted_text(session.user()) + "," +
                             quoted_text(tokens[5].text) + "," + quoted_text(tokens[3].text) + ")");
    } else if (tokens[0].is("CREATE") && tokens[3].is("CONTEXT")) {
        statements.push_back("INSERT OR REPLACE INTO majed_vpd_context VALUES (" +
                             quoted_text(tokens[4].text) + "," + quoted_text(session.user()) + "," +
                             quoted_text(tokens[6].text) + ",'ACCESSED LOCALLY')");
    } else if (tokens[0].is("CREATE")) {
        statements = made_package(session, sql, tokens);
    } else {
        const auto made = arguments_of(tokens, "ADD_POLICY");
        const auto gone = arguments_of(tokens, "DROP_POLICY");
        if (!made.empty()) {
            statements = made_policy(session, made);
        } else if (!gone.empty()) {
            statements = dropped_policy(gone);
        }
    }
    return run_all(session.database(), statements);
}

std::optional<Failure> call_context_package(Session& session, const std::string& name,
                                            const std::vector<std::string>& arguments) {
    const std::size_t last = name.rfind('.');
    const auto contexts = rows_of(session.database(),
                                  "SELECT schema FROM majed_vpd_context WHERE namespace = 'MAJED_CTX' AND "
                                  "schema || '.' || package = ?1",
                                  {name.substr(0, std::min(last, name.size()))});
    if (contexts.empty()) {
        return std::nullopt;
    }
    const bool may = contexts[0][0] == session.user() ||
                     !rows_of(session.database(),
                              "SELECT 1 FROM majed_vpd_grants WHERE grantee = ?1 AND name = 'MAJED_CONTEXT'",
                              {session.user()})
                          .empty();
    const std::string procedure = name.substr(last + 1);
    const auto argument = [&](std::size_t place) {
        return place < arguments.size() ? arguments[place] : std::string();
    };
    if (!may) {
        return std::nullopt;
    }
    if (procedure == "BEGIN_FOR" || procedure == "FORGET") {
        session.clear_contexts("MAJED_CTX");
    }
    if (procedure == "BEGIN_FOR") {
        session.set_context("MAJED_CTX", "ROLE", argument(0));
        return apply_access_policies(session);
    }
    if (procedure == "ATTRIBUTE") {
        session.set_context("MAJED_CTX", "V_" + upper(argument(0)), argument(1));
        session.set_context("MAJED_CTX", "U_" + upper(argument(0)), argument(2));
    }
    return Failure{};
}

std::set<std::string> tables_under_policies(Session& session) {
    std::set<std::string> tables;
    for (const auto& row :
         rows_of(session.database(), "SELECT DISTINCT object_name FROM majed_vpd_policies")) {
        tables.insert(row[0]);
    }
    return tables;
}

Failure apply_access_policies(Session& session) {
    Database& database = session.database();
    const Rows policies = rows_of(database,
                                  "SELECT object_owner, object_name, pf_owner, package, function, sel, ins, "
                                  "upd, del, chk_option, enable "
                                  "FROM majed_vpd_policies");
    std::string mark = session.context("MAJED_CTX", "ROLE") + "|" +
                       database.text_of("SELECT SUM(LENGTH(text)) FROM majed_vpd_source WHERE name > ?1", "");
    for (const auto& row : policies) {
        mark += "|" + row[1] + row[4] + row[10];
    }
    if (policies.empty() || database.text_of("SELECT * FROM temp.majed_vpd_mark WHERE ?1 = ''", "") == mark) {
        return std::nullopt;
    }
    std::vector<std::string> statements = cleared(tables_under_policies(session));
    statements.push_back("CREATE TEMP VIEW majed_vpd_mark(mark) AS SELECT " + quoted_text(mark));
    for (const auto& row : policies) {
        if (row[10] != "YES" || row[3] != "MAJED_RULES") {
            continue;  // What another's function answers is not known here.
        }
        std::string body;
        for (const auto& line :
             rows_of(database,
                     "SELECT text FROM majed_vpd_source WHERE owner = ?1 AND name = ?2 AND "
                     "type = 'PACKAGE BODY' ORDER BY line",
                     {row[2], row[3]})) {
            body += line[0];
        }
        FunctionAnswer given = answer_of(body, row[4], session);
        given.concerns |= body.empty();
        constexpr const char* actions[] = {"sel", "ins", "upd", "del"};
        for (std::size_t action = 0; given.concerns && action < 4; ++action) {
            if (row[5 + action] != "YES") {
                continue;
            }
            const Policy policy{row[0], row[1], given.condition, actions[action], row[9] == "YES"};
            if (Failure failure = statements_of(policy, statements)) {
                return failure;
            }
        }
    }
    return run_all(database, statements);
}

}  // namespace majed::oci_double
