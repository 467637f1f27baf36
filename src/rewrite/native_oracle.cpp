// SPDX-License-Identifier: Apache-2.0
#include "rewrite/governed_tables.h"
#include "rewrite/native_predicate.h"
#include "rewrite/native_rules.h"
#include "rewrite/quoting.h"

#include <algorithm>
#include <utility>

namespace majed::rewrite {
namespace {

constexpr std::string_view oracle_head =
    "-- Virtual Private Database (DBMS_RLS) of Oracle for the rules of majed.\n"
    "--\n"
    "-- NOT RUN: no Oracle database was at hand where this was written. Read it, try it on a copy, and "
    "compare what each role\n"
    "-- sees before you rely on it. majed does not set this context yet and does not verify these policies.\n"
    "--\n"
    "-- Needs Enterprise Edition, EXECUTE on DBMS_RLS, CREATE ANY CONTEXT. Run it as the owner of the "
    "package, never as the\n"
    "-- gateway's login. Who has EXEMPT ACCESS POLICY sees everything; so does SYS. Rows only: columns that "
    "rules mask or\n"
    "-- hide stay the gateway's.\n";

constexpr std::string_view oracle_context =
    "CREATE OR REPLACE CONTEXT majed_ctx USING majed_context;\n\n"
    "CREATE OR REPLACE PACKAGE majed_context AS\n"
    "  -- Forgets the last principal; then who asks now. Values of an attribute: a JSON array of texts.\n"
    "  PROCEDURE begin_for(role_name IN VARCHAR2);\n"
    "  PROCEDURE attribute(name IN VARCHAR2, json_values IN VARCHAR2);\n"
    "END;\n/\n\n"
    "CREATE OR REPLACE PACKAGE BODY majed_context AS\n"
    "  PROCEDURE begin_for(role_name IN VARCHAR2) IS\n"
    "  BEGIN\n"
    "    DBMS_SESSION.CLEAR_ALL_CONTEXT('majed_ctx');\n"
    "    DBMS_SESSION.SET_CONTEXT('majed_ctx', 'role', role_name);\n"
    "  END;\n"
    "  PROCEDURE attribute(name IN VARCHAR2, json_values IN VARCHAR2) IS\n"
    "  BEGIN\n"
    "    DBMS_SESSION.SET_CONTEXT('majed_ctx', 'u_' || SUBSTR(name, 1, 28), json_values);\n"
    "  END;\n"
    "END;\n/\n\n"
    "GRANT EXECUTE ON majed_context TO &majed_login;\n";

class OracleWords final : public AttributeWords {
public:
    [[nodiscard]] sql::DialectId dialect() const noexcept override { return sql::DialectId::oracle; }
    [[nodiscard]] std::string scalar(std::string_view name, std::string_view type) const override {
        return "(SELECT MIN(" + converted(type) + ") FROM " + values(name) + ")";
    }
    [[nodiscard]] std::string list(std::string_view name, std::string_view type) const override {
        return "SELECT " + converted(type) + " FROM " + values(name);
    }
    [[nodiscard]] std::string any_of(std::string_view name, std::string_view type) const override {
        return list(name, type);
    }
    [[nodiscard]] std::string has_one(std::string_view name) const override {
        return "(SELECT COUNT(*) FROM " + values(name) + ") = 1";
    }
    [[nodiscard]] std::string has_any(std::string_view name) const override {
        return "(SELECT COUNT(*) FROM " + values(name) + ") >= 1";
    }

private:
    /// No rows when it is absent.
    static std::string values(std::string_view name) {
        return "JSON_TABLE(SYS_CONTEXT('majed_ctx', " + quoted_string("u_" + std::string(name)) +
               ", 4000), '$[*]' COLUMNS (v VARCHAR2(4000) PATH '$')) majed_values";
    }
    static std::string converted(std::string_view type) {
        const bool number = type.starts_with("NUMBER") || type.starts_with("FLOAT");
        return number ? "TO_NUMBER(majed_values.v)" : "majed_values.v";
    }
};

class OracleScript {
public:
    OracleScript(const policy::PolicySet& policies, std::string_view source, const catalog::Snapshot& catalog)
        : policies_(policies), source_(source), catalog_(catalog) {}

    Result<std::string> run() {
        MAJED_TRY_ASSIGN(const auto tables, governed_tables(policies_, source_, catalog_));
        for (const GovernedTable& table : tables) MAJED_TRY(add(table));
        return std::string(oracle_head) + "\nDEFINE majed_login = MAJED\n\n" + std::string(oracle_context) +
               "\nCREATE OR REPLACE PACKAGE majed_rules AS\n" + declarations_ +
               "END;\n/\n\nCREATE OR REPLACE PACKAGE BODY majed_rules AS\n" + bodies_ + "END;\n/\n\n" +
               policies_sql_;
    }

private:
    Result<void> add(const GovernedTable& table) {
        const std::string function = "rows_" + std::to_string(++count_);
        const std::string signature =
            "  FUNCTION " + function + "(schema_name IN VARCHAR2, object_name IN VARCHAR2) RETURN VARCHAR2";
        declarations_ += signature + ";\n";
        bodies_ += signature +
                   " IS\n  BEGIN\n    IF SYS_CONTEXT('USERENV', 'SESSION_USER') <> UPPER('&majed_login')"
                   " THEN\n      RETURN NULL;\n    END IF;\n    RETURN CASE SYS_CONTEXT('majed_ctx', "
                   "'role')\n";
        for (const policy::Role role : policy::all_roles) {
            const policy::TableDecision decision = decision_of(policies_, role, source_, table);
            if (decision.rows.denied() != nullptr) continue;
            std::string condition = "1 = 1";
            if (const policy::Filter* const filter = decision.rows.filter()) {
                auto translated = native_predicate(filter->predicate, *table.relation, catalog_, words_);
                if (!translated) {
                    Error error = std::move(translated).error();
                    error.message = table.origin + ": " + error.message;
                    return error;
                }
                condition = std::move(translated->sql);
            }
            bodies_ += "      WHEN " + quoted_string(policy::to_string(role)) + " THEN " +
                       quoted_string(condition) + "\n";
        }
        bodies_ += "      ELSE '1 = 0' END;\n  END;\n";
        add_policy(*table.relation, function);
        return {};
    }

    void add_policy(const catalog::Relation& relation, const std::string& function) {
        const std::string where = "object_schema => " + quoted_string(quoted_name(relation.schema)) +
                                  ", object_name => " + quoted_string(quoted_name(relation.name)) +
                                  ", policy_name => 'MAJED_SELECT'";
        policies_sql_ +=
            "BEGIN\n  DBMS_RLS.DROP_POLICY(" + where +
            ");\nEXCEPTION\n  WHEN OTHERS THEN IF SQLCODE <> -28102 THEN RAISE; END IF;\nEND;\n/\n"
            "BEGIN\n  DBMS_RLS.ADD_POLICY(" +
            where + ",\n    policy_function => 'majed_rules." + function +
            "', statement_types => 'SELECT', policy_type => DBMS_RLS.DYNAMIC);\nEND;\n/\n";
    }

    const policy::PolicySet& policies_;
    std::string_view source_;
    const catalog::Snapshot& catalog_;
    const OracleWords words_;
    std::size_t count_ = 0;
    std::string declarations_;
    std::string bodies_;
    std::string policies_sql_;
};

}  // namespace

Result<std::string> oracle_native_script(const policy::PolicySet& policies, std::string_view source,
                                         const catalog::Snapshot& catalog) {
    return OracleScript(policies, source, catalog).run();
}

}  // namespace majed::rewrite
