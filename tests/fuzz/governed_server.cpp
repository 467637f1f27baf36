// SPDX-License-Identifier: Apache-2.0
#include "fuzz/governed_server.h"

#include "core/ascii.h"
#include "rewrite/inline_rewriter.h"
#include "rewrite/oracle_rewriter.h"

#include <cstdlib>
#include <initializer_list>
#include <utility>
#include <vector>

namespace majed::fuzz {
namespace {

using policy::Action;
using policy::Role;

constexpr policy::ActionSet everything{Action::select, Action::insert, Action::update, Action::delete_};

/// Names as the server holds them.
struct Names {
    bool capitals;
    [[nodiscard]] std::string operator()(std::string_view name) const {
        return capitals ? ascii_upper(name) : std::string(name);
    }
};

/// `name type, name type`, the first of them its primary key.
catalog::Relation table(const Names& named, std::string_view schema, std::string_view name,
                        std::initializer_list<std::pair<const char*, const char*>> columns) {
    catalog::Relation made;
    made.schema = named(schema);
    made.name = named(name);
    for (const auto& [column, type] : columns) {
        catalog::Column& added = made.columns.emplace_back();
        added.name = named(column);
        added.declared_type = type;
    }
    driver::UniqueKey key;
    key.primary = true;
    key.columns = {made.columns.front().name};
    made.facts.keys = {std::move(key)};
    return made;
}

catalog::Snapshot snapshot(sql::DialectId dialect) {
    const bool oracle = dialect == sql::DialectId::oracle;
    const Names named{oracle};
    const char* const number = oracle ? "NUMBER(9)" : "integer";
    const char* const text = oracle ? "VARCHAR2(40)" : "text";
    std::vector<catalog::Relation> tables{
        table(named, "shop", "t", {{"id", number}, {"a", text}, {"b", number}, {"region", text}}),
        table(named, "shop", "u", {{"id", number}, {"a", text}, {"t_id", number}, {"wage", number}}),
        table(named, "shop", "w", {{"id", number}, {"b", number}, {"d", text}}),
        table(named, "shop", "v", {{"id", number}, {"a", text}}),
        table(named, "shop", "m", {{"id", number}, {"e", text}}),
        table(named, "shop", "free", {{"k", text}, {"n", number}}),
        table(named, "shop", "box", {{"id", number}, {"x", text}}),
        table(named, "shop", "secret", {{"word", text}}),
        table(named, "shop", "unruled", {{"word", text}}),
        table(named, "s", "t", {{"id", number}, {"z", text}}),
        table(named, "s", "open", {{"id", number}, {"a", text}})};
    tables[3].kind = catalog::RelationKind::view;
    tables[3].facts.keys.clear();
    driver::ServerFacts server;
    server.make = oracle ? driver::ServerMake::oracle : driver::ServerMake::postgres;
    server.login = named("gate");
    server.search_path = {named("shop")};
    return {std::move(tables), std::move(server), 1};
}

policy::RowPolicy rule(std::string on, std::string rows, policy::ActionSet actions = {Action::select},
                       std::vector<std::string> columns = {}, Role role = Role::normal) {
    policy::RowPolicy made;
    made.table = std::move(on);
    made.roles = {role};
    made.rows = std::move(rows);
    made.columns = std::move(columns);
    made.origin = "fuzz";
    made.actions = actions;
    return made;
}

policy::PolicySet rules(const Names& named) {
    const std::vector<std::string> shown{named("id"), named("a"), named("t_id")};
    std::vector<policy::RowPolicy> rows{
        rule(named("t"), "region = :user.region", everything),
        rule(named("u"), "t_id IN (SELECT id FROM t WHERE region IN (:user.regions))", {Action::select},
             shown),
        rule(named("u"), "a <> 'x'", {Action::update}, {named("a")}),
        rule(named("u"), "a = :user.region", {Action::delete_}),
        rule(named("w"), "10 / b > 1", everything),
        rule(named("v"), "a = 'v'"),
        rule(named("m"), "*", everything),
        rule(named("free"), "*", everything),
        rule(named("box"), "x = 'in'", {Action::insert}),
        rule(named("secret"), "*", everything, {}, Role::admin),
        rule(named("s") + "." + named("t"), "z = :user.region", everything),
        rule(named("s") + "." + named("open"), "*", everything)};
    std::vector<policy::MaskPolicy> masks{
        {"", named("t"), named("a"), {Role::normal}, *policy::parse_mask("partial(1,1)"), "fuzz"},
        {"", named("m"), named("e"), {Role::normal}, *policy::parse_mask("hash"), "fuzz"}};
    auto set = policy::PolicySet::create(std::move(rows), std::move(masks));
    if (!set) std::abort();
    return *std::move(set);
}

std::shared_ptr<const rewrite::Enforcement> compiled(sql::DialectId dialect) {
    rewrite::Nonce nonce;
    nonce.text = nonce_text;
    nonce.generation = 1;
    nonce.hash_key.assign(32, 0);
    auto made = rewrite::Enforcement::compile(rules(Names{dialect == sql::DialectId::oracle}), "fuzz",
                                              snapshot(dialect), std::move(nonce));
    if (!made) std::abort();
    return *made;
}

}  // namespace

GovernedServer::GovernedServer(sql::DialectId dialect)
    : enforcement_(compiled(dialect)),
      parser_(sql::dialect_of(dialect)),
      verifier_(sql::dialect_of(dialect)) {}

Attributes GovernedServer::known() {
    return {{"region", {"NORTH"}}, {"regions", {"NORTH", "EAST"}}};
}

Result<rewrite::Rewritten> GovernedServer::send(std::string_view text, const Attributes& attributes) {
    const rewrite::Profile& profile = enforcement_->profile(Role::normal, attributes);
    const bool oracle = enforcement_->dialect().id == sql::DialectId::oracle;
    MAJED_TRY_ASSIGN(const sql::Statement parsed, parser_.parse_statement(text));
    if (parsed.write != nullptr) {
        if (oracle) return Error{ErrorCode::unsupported, "Oracle takes no writes yet"};
        MAJED_TRY(sql::resolve(*parsed.write, text, profile, parser_.arena(), resolution_));
        MAJED_TRY_ASSIGN(rewrite::Rewritten made, rewrite::rewrite_inline(*parsed.write, parser_, resolution_,
                                                                          *enforcement_, profile));
        MAJED_TRY(rewrite::verify_inline_write(made, resolution_, *enforcement_, profile, verifier_));
        return made;
    }
    MAJED_TRY(sql::resolve(*parsed.query, parser_, profile, resolution_));
    MAJED_TRY_ASSIGN(rewrite::Rewritten made,
                     oracle ? rewrite::rewrite_oracle(*parsed.query, text, resolution_, *enforcement_,
                                                      rewrite::oracle_marks(parser_))
                            : rewrite::rewrite_inline(*parsed.query, text, resolution_, *enforcement_,
                                                      rewrite::highest_parameter(parser_)));
    MAJED_TRY(rewrite::verify_inline(made, resolution_, *enforcement_, profile, verifier_));
    return made;
}

}  // namespace majed::fuzz
