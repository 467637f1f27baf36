// SPDX-License-Identifier: Apache-2.0
// The rules of an Oracle source as text for SQL*Plus. Sources: PL/SQL Packages and Types Reference, "DBMS_RLS" (policies, 4000 or
// 32767 bytes of a condition), "DBMS_SESSION" (SET_CONTEXT); SQL*Plus User's Guide (lines, DEFINE, continuation by a hyphen).
#include "core/ascii.h"
#include "core/utf8.h"
#include "driver/native_context.h"
#include "rewrite/native_oracle.h"
#include "rewrite/quoting.h"

#include <algorithm>
#include <string>

namespace majed::rewrite {
namespace oracle_script_text {
namespace {

/// Bytes of a literal's part on one line, before its quotes are doubled: SQL*Plus takes lines of about 2400 bytes, the
/// dictionary keeps 4000.
constexpr std::size_t longest_part = 800;

constexpr std::string_view head =
    "-- Virtual Private Database (DBMS_RLS) of Oracle for the rules of majed: for SQL*Plus, again whenever "
    "the rules change.\n"
    "-- A second run changes nothing.\n"
    "-- majed was never run against a real Oracle server, and so was no such script: read it, try it on a "
    "copy, and compare\n"
    "-- what each role sees before you rely on it.\n"
    "-- Needs Enterprise Edition, CREATE PROCEDURE, CREATE ANY CONTEXT, EXECUTE on DBMS_RLS. Run it as one "
    "user, who may see\n"
    "-- the tables and whose packages these become: not as the login of the gateway, and not as SYS. A rule "
    "that reads other\n"
    "-- tables needs a grant of them to that user. Who has EXEMPT ACCESS POLICY sees everything; so does "
    "SYS. Rows only:\n"
    "-- columns that rules mask or hide stay the gateway's.\n";

constexpr std::string_view context_specification =
    "PACKAGE majed_context AS\n"
    "  -- Forgets whom it was told of before.\n"
    "  PROCEDURE begin_for(role_name IN VARCHAR2);\n"
    "  -- Its only value, if it has one and no other; all of its values, as a JSON array of texts.\n"
    "  PROCEDURE attribute(name IN VARCHAR2, one_value IN VARCHAR2, json_values IN VARCHAR2);\n"
    "  PROCEDURE forget;\n"
    "END;\n";

constexpr std::string_view context_body =
    "PACKAGE BODY majed_context AS\n"
    "  PROCEDURE begin_for(role_name IN VARCHAR2) IS\n"
    "  BEGIN\n"
    "    SYS.DBMS_SESSION.CLEAR_ALL_CONTEXT('majed_ctx');\n"
    "    SYS.DBMS_SESSION.SET_CONTEXT('majed_ctx', 'role', role_name);\n"
    "  END;\n"
    "  PROCEDURE attribute(name IN VARCHAR2, one_value IN VARCHAR2, json_values IN VARCHAR2) IS\n"
    "  BEGIN\n"
    "    IF one_value IS NOT NULL THEN\n"
    "      SYS.DBMS_SESSION.SET_CONTEXT('majed_ctx', 'v_' || name, one_value);\n"
    "    END IF;\n"
    "    IF json_values IS NOT NULL THEN\n"
    "      SYS.DBMS_SESSION.SET_CONTEXT('majed_ctx', 'u_' || name, json_values);\n"
    "    END IF;\n"
    "  END;\n"
    "  PROCEDURE forget IS\n"
    "  BEGIN\n"
    "    SYS.DBMS_SESSION.CLEAR_ALL_CONTEXT('majed_ctx');\n"
    "  END;\n"
    "END;\n";

/// What a package that does not compile would leave: policies that fail for everybody.
constexpr std::string_view must_compile =
    "BEGIN\n"
    "  FOR each IN (SELECT name, line, text FROM user_errors\n"
    "    WHERE attribute = 'ERROR' AND name IN ('MAJED_CONTEXT', 'MAJED_RULES') ORDER BY name, sequence) "
    "LOOP\n"
    "    RAISE_APPLICATION_ERROR(-20002, each.name || ' line ' || each.line || ': ' || each.text);\n"
    "  END LOOP;\n"
    "END;\n/\n";

/// Lower-case as packages are written; the dictionary has them in capitals.
std::string signature_of(const OraclePolicy& policy) {
    return "  FUNCTION " + ascii_lower(policy.function) +
           "(schema_name IN VARCHAR2, object_name IN VARCHAR2) RETURN VARCHAR2";
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20;
}

/// Lines of `'...' || CHR(10) || '...'`: no line is long, ends in a hyphen or is a slash alone, whatever the text holds.
std::string literal_lines(std::string_view text) {
    constexpr std::string_view indent = "        ";
    std::string lines;
    while (!text.empty()) {
        if (!lines.empty()) lines += " ||\n";
        lines += indent;
        if (is_control(text.front())) {
            lines += "CHR(" + std::to_string(static_cast<int>(text.front())) + ")";
            text.remove_prefix(1);
            continue;
        }
        const auto* const end = std::find_if(text.begin(), text.end(), is_control);
        const std::string_view plain = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        std::string_view part = whole_characters(plain, longest_part);
        if (part.empty()) part = plain.substr(0, longest_part);  // It is no text.
        lines += quoted_string(part);
        text.remove_prefix(part.size());
    }
    return lines;
}

std::string function_of(const OraclePolicy& policy, const std::string& login) {
    std::string text = signature_of(policy) +
                       " IS\n  BEGIN\n    IF SYS_CONTEXT('USERENV', 'SESSION_USER') <> " +
                       quoted_string(login) + " THEN\n      RETURN NULL;\n    END IF;\n";
    if (policy.conditions.empty()) return text + "    RETURN '1 = 0';\n  END;\n";
    text += "    RETURN CASE SYS_CONTEXT('majed_ctx', 'role')\n";
    for (const auto& [role, condition] : policy.conditions) {
        text += "      WHEN " + quoted_string(policy::to_string(role)) + " THEN\n" +
                literal_lines(condition) + "\n";
    }
    return text + "      ELSE '1 = 0' END;\n  END;\n";
}

std::string comment_line(std::string_view text) {
    std::string line = "-- ";
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view(" _$#.,:").find(c) != std::string_view::npos;
        line += plain ? c : '?';
    }
    constexpr std::size_t longest_comment = 1900;
    return line.substr(0, longest_comment) + "\n";
}

/// As DBMS_RLS reads names: plain ones as they are, others in quotes.
std::string name_for_package(std::string_view name) {
    const bool plain = !name.empty() && name.front() >= 'A' && name.front() <= 'Z' &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
                       });
    return quoted_string(plain ? std::string(name) : quoted_name(name));
}

bool is_checked(policy::Action action) {
    return action == policy::Action::insert || action == policy::Action::update;
}

std::string yes_if(bool so) {
    return so ? "'YES'" : "'NO'";
}

std::string object_of(const driver::QualifiedName& table, const std::string& policy) {
    return "object_schema => " + name_for_package(table.schema) + ",\n    object_name => " +
           name_for_package(table.name) + ",\n    policy_name => '" + policy + "'";
}

std::string dropped(const driver::QualifiedName& table, const std::string& policy,
                    const std::string& indent) {
    return indent + "BEGIN\n" + indent + "  DBMS_RLS.DROP_POLICY(" + object_of(table, policy) + ");\n" +
           indent + "EXCEPTION\n" + indent + "  WHEN OTHERS THEN IF SQLCODE <> -28102 THEN RAISE; END IF;\n" +
           indent + "END;\n";
}

/// FUNCTION is a reserved word of PL/SQL. Made anew only when it is not as it must be: between DROP and ADD the table would be open.
std::string policy_block(const OraclePolicy& policy) {
    using policy::Action;
    const Action action = policy.action;
    std::string block;
    for (const std::string& note : policy.notes) block += comment_line(note);
    block += "DECLARE\n  found NUMBER;\nBEGIN\n  SELECT COUNT(*) INTO found FROM all_policies p\n";
    block += "  WHERE p.object_owner = " + quoted_string(policy.table.schema) +
             " AND p.object_name = " + quoted_string(policy.table.name) + "\n";
    block += "    AND p.policy_group = 'SYS_DEFAULT' AND p.policy_name = '" + policy.name +
             "' AND p.pf_owner = USER\n";
    block += "    AND p.\"PACKAGE\" = '" + std::string(driver::oracle_rules_package) +
             "' AND p.\"FUNCTION\" = '" + policy.function + "'\n";
    block += "    AND p.sel = " + yes_if(action == Action::select) +
             " AND p.ins = " + yes_if(action == Action::insert) +
             " AND p.upd = " + yes_if(action == Action::update) +
             " AND p.del = " + yes_if(action == Action::delete_) + " AND p.idx = 'NO'\n";
    block += "    AND p.chk_option = " + yes_if(is_checked(action)) +
             " AND p.\"ENABLE\" = 'YES' AND p.policy_type = 'DYNAMIC' AND p.long_predicate = 'YES'\n";
    block +=
        "    AND NOT EXISTS (SELECT 1 FROM all_sec_relevant_cols c WHERE c.object_owner = p.object_owner\n"
        "      AND c.object_name = p.object_name AND c.policy_group = p.policy_group\n"
        "      AND c.policy_name = p.policy_name);\n";
    block += "  IF found = 0 THEN\n" + dropped(policy.table, policy.name, "    ");
    block += "    DBMS_RLS.ADD_POLICY(" + object_of(policy.table, policy.name) +
             ",\n    policy_function => '" + ascii_lower(driver::oracle_rules_package) + "." +
             ascii_lower(policy.function) + "',\n    statement_types => '" +
             ascii_upper(policy::to_string(action)) + "'" +
             (is_checked(action) ? ", update_check => TRUE" : "") +
             ",\n    policy_type => DBMS_RLS.DYNAMIC, long_predicate => TRUE);\n";
    return block + "  END IF;\nEND;\n/\n";
}

}  // namespace
}  // namespace oracle_script_text

std::vector<driver::PackageSource> oracle_packages(const OracleRules& rules) {
    using namespace oracle_script_text;  // NOLINT(google-build-using-namespace): this file's own
    std::string specification = "PACKAGE majed_rules AS\n";
    std::string body = "PACKAGE BODY majed_rules AS\n";
    for (const OraclePolicy& policy : rules.policies) {
        specification += signature_of(policy) + ";\n";
        body += function_of(policy, rules.login);
    }
    if (rules.policies.empty()) specification += "  nothing CONSTANT NUMBER := 0;\n";
    const std::string context(driver::oracle_context_package);
    const std::string functions(driver::oracle_rules_package);
    return {{context, false, std::string(context_specification)},
            {context, true, std::string(context_body)},
            {functions, false, specification + "END;\n"},
            {functions, true, body + "END;\n"}};
}

std::string oracle_script(const OracleRules& rules) {
    using namespace oracle_script_text;  // NOLINT(google-build-using-namespace): this file's own
    std::string script(head);
    script += comment_line("Source: " + rules.source + ". Login of the gateway: " + rules.login + ".");
    script +=
        "\nSET DEFINE OFF\nSET SQLBLANKLINES ON\nWHENEVER OSERROR EXIT FAILURE\nWHENEVER SQLERROR EXIT "
        "FAILURE\n";
    script +=
        "\n-- The login could replace packages of its own.\nBEGIN\n  IF USER IN ('SYS', " +
        quoted_string(rules.login) +
        ") THEN\n    RAISE_APPLICATION_ERROR(-20001, 'run this as another user');\n  END IF;\nEND;\n/\n";
    script += "\nCREATE OR REPLACE CONTEXT majed_ctx USING majed_context;\n";
    for (const driver::PackageSource& package : rules.packages)
        script += "\nCREATE OR REPLACE " + package.text + "/\n";
    script += "\n" + std::string(must_compile);
    script += "\nGRANT EXECUTE ON majed_context TO " + quoted_name(rules.login) + ";\n";
    script += "\n-- A DBA must let the gateway see that all this is there:\n";
    script += "--   GRANT SELECT ON sys.dba_context TO " + quoted_name(rules.login) + "\n";
    script += "--   GRANT SELECT ON sys.dba_source TO " + quoted_name(rules.login) + "\n";
    for (const OraclePolicy& policy : rules.policies) script += "\n" + policy_block(policy);
    for (const LeftoverAccessPolicy& each : rules.leftovers) {
        script += "\n-- No rule speaks of this table any more: nobody reads it through the gateway.\n" +
                  dropped(each.table, each.name, "") + "/\n";
    }
    return script;
}

}  // namespace majed::rewrite
