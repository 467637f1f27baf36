// SPDX-License-Identifier: Apache-2.0
#include "gateway/administration.h"

#include "core/ascii.h"
#include "format/json.h"
#include "sql/fingerprint.h"
#include "sql/lexer.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::gateway {
namespace {

sql::DialectId dialect_of_engine(std::string_view engine) noexcept {
    if (engine == "postgresql") return sql::DialectId::postgres;
    return engine == "oracle" ? sql::DialectId::oracle : sql::DialectId::sqlite;
}

/// Rules write `table` or `schema.table`.
bool is_name_of(std::string_view table, std::string_view written) noexcept {
    if (written.size() > 1 && (written.front() == '"' || written.front() == '`' || written.front() == '[' ||
                               written.front() == '\'')) {
        written = written.substr(1, written.size() - 2);
    }
    const std::string_view last = table.substr(table.rfind('.') + 1);  // All of it where there is no dot.
    return last.size() == written.size() && equal_ascii_case(last, written);
}

bool has_rule(const policy::PolicySet& policies, std::string_view source, std::string_view name) {
    const auto about = [&](const auto& rule) {
        return (rule.source.empty() || rule.source == source) && is_name_of(rule.table, name);
    };
    return std::any_of(policies.row_policies().begin(), policies.row_policies().end(), about) ||
           std::any_of(policies.mask_policies().begin(), policies.mask_policies().end(), about) ||
           std::any_of(policies.encrypted_columns().begin(), policies.encrypted_columns().end(), about);
}

/// A rule decides who may delete rows, and is about a table that is there.
Result<void> leaves_rules_their_tables(const std::vector<sql::Token>& tokens, std::string_view text,
                                       const policy::PolicySet& policies, const source::Source& source) {
    for (const sql::Token& token : tokens) {
        const bool name = token.kind == sql::TokenKind::identifier || token.kind == sql::TokenKind::keyword ||
                          token.kind == sql::TokenKind::quoted || token.kind == sql::TokenKind::string;
        if (name && has_rule(policies, source.options().name, token.span().in(text))) {
            return Error{ErrorCode::denied, "a table that has rules is neither dropped nor truncated"}
                .with_hint("Take its rules away first, or use DELETE.")
                .at(token.offset);
        }
    }
    return {};
}

Result<sql::AdministrativeStatement> judged(const std::vector<sql::Token>& tokens,
                                            const QueryRequest& request, const source::Source& source,
                                            const policy::PolicySet* policies, const sql::Dialect& dialect) {
    if (policies == nullptr) return Error{ErrorCode::denied, "no policies are installed"};
    MAJED_TRY_ASSIGN(auto statement, sql::administrative(tokens, request.sql, dialect));
    const std::string_view form = statement.form();
    const bool drops = form.starts_with("DROP") && (form.ends_with("TABLE") || form.ends_with("VIEW"));
    if (drops || form == "TRUNCATE") {
        MAJED_TRY(leaves_rules_their_tables(tokens, request.sql, *policies, source));
    }
    if (!request.parameters.positional.empty() || !request.parameters.named.empty())
        return Error{ErrorCode::invalid_argument, "a statement about the schema takes no values"};
    return statement;
}

/// None of these statements answers rows.
class NoRows final : public driver::RowSink {
public:
    Result<void> row(std::span<const ValueView> cells) override {
        static_cast<void>(cells);
        return Error{ErrorCode::internal, "a statement about the schema answered rows"};
    }
};

}  // namespace

bool may_administer(const policy::Principal& principal, const QueryRequest& request,
                    const source::Source& source) noexcept {
    const source::SourceOptions& options = source.options();
    return request.may_administer && principal.kind == policy::PrincipalKind::user &&
           principal.role == policy::Role::admin && options.takes_ddl &&
           options.access == driver::Access::read_write;
}

std::optional<Administration> administration_of(const QueryRequest& request, const source::Source& source,
                                                const policy::PolicySet* policies) {
    const sql::Dialect& dialect = sql::dialect_of(dialect_of_engine(source.engine()));
    std::vector<sql::Token> tokens;
    if (!sql::tokenize(request.sql, tokens, dialect)) return std::nullopt;
    const sql::StatementClass found = sql::classify(tokens, dialect);
    if (found != sql::StatementClass::ddl && found != sql::StatementClass::maintenance) return std::nullopt;
    StatementFacts facts;
    facts.statement_class = sql::to_string(found);
    facts.fingerprint = sql::to_hex(sql::fingerprint(tokens, request.sql));
    facts.normalized = sql::normalized(tokens, request.sql);
    auto statement = judged(tokens, request, source, policies, dialect);
    if (!statement) facts.normalized = sql::normalized_refused(tokens, request.sql);
    return Administration{std::move(facts), std::move(statement)};
}

std::string details_of(const Administration& administration, const policy::Principal& principal) {
    std::string details;
    format::JsonWriter json(details);
    append_facts(json.begin_object(), administration.facts);
    if (administration.statement) json.key("form").text(administration.statement->form());
    json.key("authenticated_by").text(principal.authenticated_by);
    return details;
}

Result<void> run_administration(source::Source& source, const sql::AdministrativeStatement& statement,
                                Deadline deadline) {
    MAJED_TRY_ASSIGN(auto connection, source.connection(deadline));
    // A session keeps the texts it has prepared, which may hold passwords, and what its rights were.
    connection.discard();
    driver::RunLimits limits;
    limits.deadline = deadline;
    NoRows rows;
    const auto ran = connection->execute(statement.sql(), {}, limits, rows);
    if (!ran) {
        connection.failed(ran.error());
        return ran.error();
    }
    connection.succeeded();
    return {};
}

}  // namespace majed::gateway
