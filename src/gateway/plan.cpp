// SPDX-License-Identifier: Apache-2.0
#include "gateway/plan.h"

#include "format/json.h"
#include "gateway/statement_authorizer.h"
#include "rewrite/inline_rewriter.h"
#include "rewrite/oracle_rewriter.h"
#include "rewrite/rewriter.h"
#include "rewrite/write_plan.h"
#include "sql/fingerprint.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <algorithm>
#include <functional>
#include <map>

namespace majed::gateway {
namespace {

/// Scratch memory of one thread; trees die with the next statement.
struct Workbench {
    explicit Workbench(sql::DialectId id)
        : parser(sql::dialect_of(id)), verifier(sql::dialect_of(id), sql::rewritten_budget) {}
    sql::Parser parser;
    sql::Parser verifier;
    sql::Resolution resolution;
};

Workbench& workbench(sql::DialectId id) {
    thread_local Workbench sqlite(sql::DialectId::sqlite);
    thread_local Workbench postgres(sql::DialectId::postgres);
    thread_local Workbench oracle(sql::DialectId::oracle);
    if (id == sql::DialectId::oracle) return oracle;
    return id == sql::DialectId::sqlite ? sqlite : postgres;
}

Result<rewrite::Rewritten> rewritten(sql::Select& select, std::string_view text, const Workbench& bench,
                                     const rewrite::Enforcement& enforcement) {
    if (enforcement.dialect().id == sql::DialectId::sqlite)
        return rewrite::rewrite(select, text, bench.resolution, enforcement);
    if (enforcement.dialect().id == sql::DialectId::oracle)
        return rewrite::rewrite_oracle(select, text, bench.resolution, enforcement,
                                       rewrite::oracle_marks(bench.parser));
    return rewrite::rewrite_inline(select, text, bench.resolution, enforcement,
                                   rewrite::highest_parameter(bench.parser));
}

Result<rewrite::Rewritten> rewritten(sql::Write& write, std::string_view text, const Workbench& bench,
                                     const rewrite::Enforcement& enforcement,
                                     const rewrite::Profile& profile) {
    if (enforcement.dialect().id == sql::DialectId::sqlite)
        return rewrite::rewrite(write, text, bench.resolution, enforcement, profile);
    if (enforcement.dialect().id == sql::DialectId::oracle)
        return rewrite::rewrite_oracle(write, bench.parser, bench.resolution, enforcement, profile);
    return rewrite::rewrite_inline(write, bench.parser, bench.resolution, enforcement, profile);
}

/// A source that is read only takes queries, and says so of writes.
Result<sql::Statement> read_alone(sql::Parser& parser, std::string_view text) {
    const auto parsed = parser.parse(text);
    if (parsed) return sql::Statement{sql::StatementClass::read, *parsed, nullptr};
    Error error = parsed.error();
    const bool write =
        error.code == ErrorCode::denied && parser.statement_class() == sql::StatementClass::write;
    if (write)
        error = Error{ErrorCode::denied, "the source is read only: it takes no writes",
                      "What may be run: SELECT, VALUES, WITH ... SELECT."};
    return error;
}

/// A compound query's column is masked when any of its cores computes it from a masked one.
void mark_masked(const sql::Select& select, std::vector<ResultColumn>& columns) {
    for (const sql::Core& core : select.cores) {
        if (core.nested != nullptr) mark_masked(*core.nested, columns);
        std::size_t place = 0;
        const auto mark = [&](bool masked) {
            if (place < columns.size() && masked) columns[place].masked = true;
            ++place;
        };
        for (const sql::ResultColumn& column : core.columns) {
            if (column.kind == sql::ResultKind::expression) {
                mark(column.expr->masked);
                continue;
            }
            for (std::uint32_t i = 0; i < column.expanded_count; ++i) mark(column.expanded[i].masked);
        }
    }
}

/// `table.column` of all that is read.
std::vector<std::string> columns_read(const Plan& plan) {
    std::vector<std::string> columns;
    for (const RelationReport& relation : plan.relations) {
        for (const std::string& column : relation.columns) columns.push_back(relation.table + "." + column);
    }
    return columns;
}

void describe(Plan& plan, const StatementFacts& facts) {
    for (const RelationReport& relation : plan.relations) {
        plan.tables += (plan.tables.empty() ? "" : ",") + relation.table;
        if (relation.verdict == RelationVerdict::filter) plan.row_filters.push_back(relation.table);
        for (const std::string& column : relation.decrypted)
            plan.decrypted_columns.push_back(relation.table + "." + column);
    }
    format::JsonWriter json(plan.details);
    append_facts(json.begin_object(), facts);
    json.key("columns").texts(columns_read(plan));
    if (plan.writes()) {
        const RelationReport& target = plan.relations.front();
        json.key("action").text(policy::to_string(target.action)).key("target").text(target.table);
        json.key("written").texts(target.written);
    }
    json.key("row_filters").texts(plan.row_filters).key("masked_columns").texts(plan.masked_columns);
    if (!plan.decrypted_columns.empty()) json.key("decrypted_columns").texts(plan.decrypted_columns);
}

}  // namespace

std::vector<ResultColumn> columns_of(const sql::Select& select) {
    std::vector<ResultColumn> result;
    result.reserve(select.column_count);
    for (std::uint32_t i = 0; i < select.column_count; ++i) {
        const sql::OutputColumn& column = select.columns[i];
        result.push_back({std::string(column.name), std::string(column.declared_type), column.masked});
    }
    return result;
}

std::vector<RelationReport> relations_of(const sql::Resolution& resolution,
                                         const rewrite::Enforcement& enforcement,
                                         std::vector<std::string>& masked) {
    std::map<std::string, RelationReport> by_table;
    for (const sql::FromItem* item : resolution.relations) {
        const sql::SchemaRelation& relation = *item->relation;
        RelationReport& report = by_table[relation.name];
        report.table = relation.name;
        report.verdict = relation.filtered ? RelationVerdict::filter : RelationVerdict::unrestricted;
        if (relation.filtered) report.filter = enforcement.variant(relation).predicate;
    }
    for (const sql::ColumnUse& use : resolution.columns) {
        const sql::SchemaColumn& column = use.relation->columns[use.column];
        // The target of a write is read too, though it is no relation that is read as a whole.
        by_table[use.relation->name].table = use.relation->name;
        auto& columns = by_table[use.relation->name].columns;
        if (std::find(columns.begin(), columns.end(), column.name) != columns.end()) continue;
        columns.push_back(column.name);
        if (column.masked) masked.push_back(use.relation->name + "." + column.name);
        const auto& shown = resolution.encryptions;
        const bool decrypted =
            column.encryption != 0 && std::find(shown.begin(), shown.end(), column.encryption) != shown.end();
        if (decrypted) by_table[use.relation->name].decrypted.push_back(column.name);
    }
    std::vector<RelationReport> result;
    for (auto& [table, report] : by_table) {
        std::sort(report.columns.begin(), report.columns.end());
        std::sort(report.decrypted.begin(), report.decrypted.end());
        result.push_back(std::move(report));
    }
    std::sort(masked.begin(), masked.end());
    return result;
}

void add_target(const sql::Write& write, const sql::Resolution& resolution,
                const rewrite::WriteTarget& target, std::vector<RelationReport>& relations) {
    const policy::Action action = rewrite::action_of(write.kind);
    const rewrite::WriteRule& rule = target.rule(action);
    // Its columns read are reported with the table already; where it stands in FROM too, that is another reference.
    const auto same = [&target](const RelationReport& each) { return each.table == target.relation.name; };
    const auto known = std::find_if(relations.begin(), relations.end(), same);
    RelationReport report;
    if (known != relations.end()) {
        report = std::move(*known);
        relations.erase(known);
    }
    report.table = target.relation.name;
    report.action = action;
    const bool read = rewrite::reads_target(write, resolution) && target.reads_some_rows;
    const bool filtered = rule.filters() || read;
    report.verdict = filtered ? RelationVerdict::filter : RelationVerdict::unrestricted;
    report.filter = rule.predicate;
    if (read && target.read_filter != rule.predicate)
        report.filter += (rule.predicate.empty() ? "" : " AND ") + target.read_filter;
    for (const sql::ColumnWrite& each : resolution.written) {
        const std::string& name = each.relation->columns[each.column.value_or(0)].name;
        auto& written = report.written;
        if (each.column && std::find(written.begin(), written.end(), name) == written.end())
            written.push_back(name);
    }
    relations.insert(relations.begin(), std::move(report));
}

void append_facts(format::JsonWriter& json, const StatementFacts& facts) {
    json.key("class").text(facts.statement_class).key("sql").text(facts.normalized);
    json.key("fingerprint").text(facts.fingerprint);
}

namespace {

/// A plan that is decided; what is told of it is made from its parts.
std::shared_ptr<const Plan> finished(Plan decided, const StatementFacts& facts) {
    auto plan = std::make_shared<Plan>(std::move(decided));
    plan->fingerprint = facts.fingerprint;
    plan->normalized = facts.normalized;
    describe(*plan, facts);
    return plan;
}

Plan undescribed(driver::AuthorizedStatement statement, const sql::Select& answer,
                 const sql::Resolution& resolution) {
    Plan plan{std::move(statement), columns_of(answer), {}, {}, {}, {}, {}, {}, {}, {}, {}};
    plan.encryptions = resolution.encryptions;
    mark_masked(answer, plan.columns);
    return plan;
}

Result<std::shared_ptr<const Plan>> plan_read(sql::Select& select, std::string_view text,
                                              const rewrite::Profile& profile,
                                              const rewrite::Enforcement& enforcement,
                                              const StatementFacts& facts) {
    Workbench& bench = workbench(enforcement.dialect().id);
    MAJED_TRY(sql::resolve(select, bench.parser, profile, bench.resolution));
    MAJED_TRY_ASSIGN(auto guarded, rewritten(select, text, bench, enforcement));
    MAJED_TRY_ASSIGN(auto statement, StatementAuthorizer::authorize(std::move(guarded), bench.resolution,
                                                                    enforcement, profile, bench.verifier));
    Plan plan = undescribed(std::move(statement), select, bench.resolution);
    plan.audited_strictly = enforcement.audits_strictly(plan.statement.guard_views());
    plan.relations = relations_of(bench.resolution, enforcement, plan.masked_columns);
    return finished(std::move(plan), facts);
}

Result<std::shared_ptr<const Plan>> plan_write(sql::Write& write, std::string_view text,
                                               const rewrite::Profile& profile,
                                               const rewrite::Enforcement& enforcement,
                                               const StatementFacts& facts) {
    Workbench& bench = workbench(enforcement.dialect().id);
    MAJED_TRY(sql::resolve(write, text, profile, bench.parser.arena(), bench.resolution));
    MAJED_TRY_ASSIGN(auto guarded, rewritten(write, text, bench, enforcement, profile));
    MAJED_TRY_ASSIGN(auto statement, StatementAuthorizer::authorize(std::move(guarded), bench.resolution,
                                                                    enforcement, profile, bench.verifier));
    Plan plan = undescribed(std::move(statement), *write.body, bench.resolution);
    plan.audited_strictly = true;
    plan.relations = relations_of(bench.resolution, enforcement, plan.masked_columns);
    add_target(write, bench.resolution, profile.target(*bench.resolution.target->relation), plan.relations);
    return finished(std::move(plan), facts);
}

/// A name that may be a value, quoted as no engine does it, is not written down.
Error without_values(Error error) {
    if (sql::holds_foreign_quote(error.recorded.empty() ? error.message : error.recorded))
        error.recorded = "a name in the statement is not known";
    return error;
}

Result<std::shared_ptr<const Plan>> plan_of(const Result<sql::Statement>& parsed, std::string_view text,
                                            const rewrite::Profile& profile,
                                            const rewrite::Enforcement& enforcement,
                                            const StatementFacts& facts) {
    if (!parsed) return parsed.error();
    return parsed->write != nullptr ? plan_write(*parsed->write, text, profile, enforcement, facts)
                                    : plan_read(*parsed->query, text, profile, enforcement, facts);
}

}  // namespace

Result<std::shared_ptr<const Plan>> make_plan(std::string_view text, const rewrite::Profile& profile,
                                              const rewrite::Enforcement& enforcement, bool takes_writes,
                                              StatementFacts& facts) {
    Workbench& bench = workbench(enforcement.dialect().id);
    const auto parsed = takes_writes ? bench.parser.parse_statement(text) : read_alone(bench.parser, text);
    facts.statement_class = to_string(bench.parser.statement_class());
    facts.fingerprint = sql::to_hex(sql::fingerprint(bench.parser.tokens(), text));
    facts.normalized = sql::normalized(bench.parser.tokens(), text);
    auto plan = plan_of(parsed, text, profile, enforcement, facts);
    if (plan) return plan;
    facts.normalized = sql::normalized_refused(bench.parser.tokens(), text);
    return without_values(plan.error());
}

std::size_t PlanCache::KeyHash::operator()(const Key& key) const noexcept {
    return std::hash<std::string_view>{}(key.text) ^
           static_cast<std::size_t>(key.profile * 0x9E3779B97F4A7C15ULL);
}

std::shared_ptr<const Plan> PlanCache::find(std::uint64_t profile, std::string_view text) {
    const Lock lock(mutex_);
    const auto found = entries_.find(Key{profile, text});
    if (found == entries_.end()) return nullptr;
    if (found->second != recent_.begin()) recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->plan;
}

void PlanCache::put(std::uint64_t profile, std::string_view text, std::shared_ptr<const Plan> plan) {
    const Lock lock(mutex_);
    if (entries_.find(Key{profile, text}) != entries_.end()) return;
    recent_.push_front({profile, std::string(text), std::move(plan)});
    entries_.emplace(Key{profile, recent_.front().text}, recent_.begin());
    if (recent_.size() <= capacity_) return;
    const Entry& oldest = recent_.back();
    entries_.erase(Key{oldest.profile, oldest.text});
    recent_.pop_back();
}

}  // namespace majed::gateway
