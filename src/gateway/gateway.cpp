// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.h"

#include "audit/audit_trail.h"
#include "core/ascii.h"
#include "crypto/key_ring.h"
#include "crypto/random.h"
#include "format/json.h"
#include "gateway/administration.h"
#include "gateway/answer_sink.h"
#include "gateway/audit_records.h"
#include "gateway/explanation.h"
#include "gateway/identity.h"
#include "gateway/kept_rows.h"
#include "gateway/plan.h"
#include "gateway/protection_check.h"
#include "gateway/schema_changes.h"
#include "gateway/sent_statement.h"
#include "policy/policy_set.h"
#include "rewrite/enforcement.h"
#include "source/source_registry.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

namespace majed::gateway {
namespace {

constexpr std::size_t cached_plans = 2048;
/// Longer texts are planned each time: they are rare, and the cache's memory stays bounded.
constexpr std::size_t longest_cached_text = 4096;
/// Each change of the schema or the policies that meets a statement costs it one try.
constexpr int most_tries = 4;

/// What was installed last, taken up as a whole.
struct Rules {
    std::shared_ptr<const policy::PolicySet> policies;
    std::shared_ptr<const ColumnKeys> keys;  ///< One for each encrypted column of the policies.
};

/// What holds for one source under one policy and one state of its schema.
struct Governed {
    std::shared_ptr<const rewrite::Enforcement> enforcement;
    std::shared_ptr<PlanCache> plans;
    std::shared_ptr<const ColumnKeys> keys;  ///< Of the same policies; a plan's encryptions are places in it.
    std::shared_ptr<const policy::PolicySet> policies;
    bool takes_writes = false;
};

/// What was decided no longer fits the source, or the sessions, which are of newer policies.
template <class T>
bool must_decide_again(const Result<T>& outcome) {
    // A write that met a constraint would meet it again.
    return !outcome && outcome.error().code == ErrorCode::conflict &&
           outcome.error().failure != FailureClass::user_error;
}

Error keeps_changing() {
    return Error{ErrorCode::unavailable, "the source's schema keeps changing; try again"};
}

/// Every refusal of a statement has a place; the engine's own have only the whole statement.
Error placed(Error error) {
    const bool about_the_statement = error.code == ErrorCode::parse_error ||
                                     error.code == ErrorCode::denied || error.code == ErrorCode::not_found ||
                                     error.code == ErrorCode::unsupported ||
                                     error.code == ErrorCode::invalid_argument;
    if (about_the_statement && !error.offset) error.offset = 0;
    return error;
}

}  // namespace

std::string_view to_string(RelationVerdict verdict) noexcept {
    switch (verdict) {
        case RelationVerdict::filter:
            return "filter";
        case RelationVerdict::unrestricted:
            return "unrestricted";
        case RelationVerdict::deny:
            break;
    }
    return "deny";
}

class Gateway::State {
public:
    State(source::SourceRegistry& sources, audit::AuditTrail& audit, std::vector<std::uint8_t> pseudonym_key)
        : sources_(sources),
          audit_(audit),
          pseudonym_key_(std::move(pseudonym_key)),
          boot_id_(crypto::random_hex(8)) {}

    Result<void> install(Rules rules) {
        MAJED_TRY(every_table_exists(*rules.policies));
        if (rules.keys == nullptr) rules.keys = std::make_shared<const ColumnKeys>();
        if (rules.keys->size() != rules.policies->encrypted_columns().size()) {
            return Error{ErrorCode::invalid_argument, "every encrypted column needs its key"};
        }
        std::map<const source::Source*, Governed> compiled;
        std::map<const source::Source*, Error> refused;
        for (const auto& source : sources_.sources()) {
            // A source that is not there yet is governed when it comes: see governed().
            const auto catalog = source->known_catalog();
            if (catalog == nullptr || !source->governs()) continue;
            MAJED_TRY_ASSIGN(auto protection, look_at_protection(*rules.policies, *source, *catalog));
            if (protection.refusal) refused.emplace(source.get(), *std::move(protection.refusal));
            if (!source->governs()) continue;
            MAJED_TRY_ASSIGN(Governed governed, compile(rules, *source, *catalog));
            compiled.emplace(source.get(), std::move(governed));
        }
        const Lock lock(mutex_);
        rules_ = std::move(rules);
        refused_ = std::move(refused);
        governed_ = std::move(compiled);
        for (const auto& [source, governed] : governed_) {
            sources_.find(source->options().name).value()->install_guard(governed.enforcement->guard_set());
        }
        return {};
    }

    Result<QuerySummary> query(const policy::Principal& principal, const QueryRequest& request,
                               ResultSink& sink) {
        const auto started = SteadyClock::now();
        MAJED_TRY_ASSIGN(source::Source* const source, sources_.find(request.source));
        Run run{principal, request, *source, sink, started, next_query_id()};
        if (const auto wanted = administration_in(principal, request, *source))
            return administer(run, *wanted);
        auto answer = attempt(run);
        for (int tries = 1; tries < most_tries && may_try_again(run, answer); ++tries) {
            // The source's schema changed under a cached catalogue: read it again, decide again.
            MAJED_TRY(refresh(*source));
            answer = attempt(run);
        }
        if (answer) return answer;
        return must_decide_again(answer) ? keeps_changing() : placed(std::move(answer).error());
    }

    Result<CheckReport> check(const policy::Principal& principal, const QueryRequest& request) {
        MAJED_TRY_ASSIGN(source::Source* const source, sources_.find(request.source));
        CheckReport report;
        StatementFacts facts;
        auto outcome = examine(principal, request, *source, report, facts);
        for (int tries = 1; tries < most_tries && must_decide_again(outcome); ++tries) {
            const auto refreshed = refresh(*source);
            report = {};
            outcome = refreshed ? examine(principal, request, *source, report, facts) : refreshed;
        }
        if (must_decide_again(outcome)) outcome = keeps_changing();
        report.statement_class = facts.statement_class;
        report.fingerprint = facts.fingerprint;
        if (!outcome) report.problems.push_back(placed(outcome.error()));
        report.allowed = report.problems.empty();
        if (!report.allowed && report.problems.front().offset)
            report.place = place_in(request.sql, *report.problems.front().offset);
        audit::AuditRecord record =
            record_of(principal, request, source->options().name, audit::Phase::event, "check");
        record.event_id = next_query_id();
        format::JsonWriter json(record.details);
        append_facts(json.begin_object(), facts);
        json.key("authenticated_by").text(principal.authenticated_by);
        json.key("allowed").boolean(report.allowed).end_object();
        record.sensitive = sensitive_part_of(request);
        if (!report.allowed) record.fail(report.problems.front());
        MAJED_TRY(audit_.append(std::move(record), assurance_of(report.audited_strictly)));
        return report;
    }

private:
    /// One call of query, as it goes from step to step.
    struct Run {
        const policy::Principal& principal;
        const QueryRequest& request;
        source::Source& source;
        ResultSink& sink;
        SteadyClock::time_point started;
        std::string query_id;
        bool rows_given = false;
        std::uint64_t undecryptable = 0;
        std::optional<std::uint64_t> rows_affected = {};  ///< Once a write is done.
    };

    /// Nothing was handed out, and nothing was written.
    static bool may_try_again(const Run& run, const Result<QuerySummary>& answer) {
        return must_decide_again(answer) && !run.rows_given && !run.rows_affected;
    }

    std::string next_query_id() {
        return boot_id_ + "-" + std::to_string(query_count_.fetch_add(1, std::memory_order_relaxed) + 1);
    }

    std::shared_ptr<const policy::PolicySet> installed() {
        const Lock lock(mutex_);
        return rules_.policies;
    }

    std::optional<Administration> administration_in(const policy::Principal& principal,
                                                    const QueryRequest& request,
                                                    const source::Source& source) {
        if (!may_administer(principal, request, source)) return std::nullopt;
        const auto policies = installed();
        return administration_of(request, source, policies.get());
    }

    /// A statement about the schema: the rules have no part in it, and hold again once the schema was read again.
    Result<QuerySummary> administer(const Run& run, const Administration& wanted) {
        if (!wanted.statement) {
            MAJED_TRY(refused(run, wanted.facts, wanted.statement.error()));
            return placed(wanted.statement.error());
        }
        const std::string& name = run.source.options().name;
        audit::AuditRecord record =
            record_of(run.principal, run.request, name, audit::Phase::intent, "query");
        record.event_id = run.query_id;
        record.details = details_of(wanted, run.principal) + "}";
        audit::AuditRecord ended = record;
        ended.phase = audit::Phase::outcome;
        record.sensitive = sensitive_part_of(run.request);
        MAJED_TRY(audit_.append(std::move(record), audit::Assurance::strict, deadline_of(run)));
        const auto done = run_administration(run.source, *wanted.statement, deadline_of(run));
        changes_.note(run.source);
        // When it cannot be read now, the next statement reads it or is refused.
        static_cast<void>(catch_up(run.source));
        if (!done) ended.fail(done.error());
        MAJED_TRY(audit_.append(std::move(ended), audit::Assurance::strict));
        if (!done) return done.error();
        QuerySummary summary;
        summary.query_id = run.query_id;
        summary.source = name;
        summary.rows_affected = 0;
        summary.elapsed =
            std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - run.started);
        return summary;
    }

    Result<void> catch_up(source::Source& source) {
        return changes_.read(source, [&] { return refresh(source); });
    }

    Result<Governed> governed(source::Source& source) {
        MAJED_TRY(catch_up(source));
        if (source.take_outdated()) {
            // When it cannot be read, what was decided still holds for the names it was decided for.
            static_cast<void>(refresh(source));
        }
        {
            const Lock lock(mutex_);
            if (rules_.policies == nullptr) return Error{ErrorCode::denied, "no policies are installed"};
            if (const auto refused = refused_.find(&source); refused != refused_.end())
                return refused->second;
            const auto found = governed_.find(&source);
            if (found != governed_.end()) return found->second;
        }
        if (!source.governs()) {
            return Error{ErrorCode::unsupported,
                         "statements on " + std::string(source.engine()) + " sources are not offered yet"};
        }
        MAJED_TRY_ASSIGN(const auto catalog, source.catalog());
        MAJED_TRY(inspect(source, *catalog));
        return govern(source, *catalog);
    }

    /// Tells the source what there is to know of its protection. With a refusal it must not be served.
    static Result<Protection> look_at_protection(const policy::PolicySet& policies, source::Source& source,
                                                 const catalog::Snapshot& catalog) {
        MAJED_TRY_ASSIGN(auto protection, protection_of(policies, source.options(), catalog));
        if (!protection) return Protection{};
        source.notice(protection->notice);
        return *std::move(protection);
    }

    /// A catalogue was read: what it says of the source's protection is in force from now on.
    Result<void> inspect(source::Source& source, const catalog::Snapshot& catalog) {
        const auto policies = installed();
        if (policies == nullptr) return {};
        MAJED_TRY_ASSIGN(auto protection, look_at_protection(*policies, source, catalog));
        auto& refusal = protection.refusal;
        const Lock lock(mutex_);
        if (!refusal) {
            if (rules_.policies == policies) refused_.erase(&source);
            return {};
        }
        refused_.insert_or_assign(&source, *refusal);
        return *std::move(refusal);
    }

    /// Compiles the rules for a source as its catalogue shows it, and puts them in force.
    Result<Governed> govern(source::Source& source, const catalog::Snapshot& catalog) {
        for (;;) {
            Rules rules;
            {
                const Lock lock(mutex_);
                if (const Governed* const known = governed_for(source, catalog)) return *known;
                rules = rules_;
            }
            if (rules.policies == nullptr) return Error{ErrorCode::denied, "no policies are installed"};
            MAJED_TRY_ASSIGN(Governed governed, compile(rules, source, catalog));
            const Lock lock(mutex_);
            if (rules_.policies != rules.policies)
                continue;  // Others were installed meanwhile, which must stay in force.
            if (const Governed* const known = governed_for(source, catalog)) return *known;
            source.install_guard(governed.enforcement->guard_set());
            governed_.insert_or_assign(&source, governed);
            return governed;
        }
    }

    /// What is in force for this very state of the schema; nullptr when nothing is. Many may meet one change at a time:
    /// were each to install guards of its own, they would take each other's sessions away.
    const Governed* governed_for(const source::Source& source, const catalog::Snapshot& catalog)
        MAJED_REQUIRES(mutex_) {
        const auto found = governed_.find(&source);
        if (found == governed_.end() || !catalog.schema_version()) return nullptr;
        const bool same = found->second.enforcement->guard_set()->schema_version == catalog.schema_version();
        return same ? &found->second : nullptr;
    }

    Result<Governed> compile(const Rules& rules, const source::Source& source,
                             const catalog::Snapshot& catalog) {
        rewrite::Nonce nonce{"g_" + crypto::random_hex(16), generation_.fetch_add(1) + 1, pseudonym_key_};
        MAJED_TRY_ASSIGN(
            auto enforcement,
            rewrite::Enforcement::compile(*rules.policies, source.options().name, catalog, std::move(nonce),
                                          source.options().enforcement == source::Enforcement::native
                                              ? rewrite::Enforcer::server
                                              : rewrite::Enforcer::gateway));
        return Governed{std::move(enforcement), std::make_shared<PlanCache>(cached_plans), rules.keys,
                        rules.policies, source.takes_writes()};
    }

    /// A rule for any source must fit at least one.
    Result<void> every_table_exists(const policy::PolicySet& policies) {
        // A source that has not been read yet may have any table.
        const auto known = [this](const std::string& table) {
            return std::any_of(sources_.sources().begin(), sources_.sources().end(),
                               [&table](const auto& source) {
                                   const auto catalog = source->known_catalog();
                                   return catalog == nullptr || catalog->find(table) != nullptr;
                               });
        };
        const auto fits = [&](const auto& rule) -> Result<void> {
            if (!rule.source.empty() && !sources_.find(rule.source))
                return Error{ErrorCode::invalid_argument,
                             rule.origin + ": there is no source " + rule.source};
            if (rule.source.empty() && !known(rule.table))
                return Error{ErrorCode::invalid_argument,
                             rule.origin + ": no source has a table " + rule.table};
            return {};
        };
        for (const policy::RowPolicy& rule : policies.row_policies()) MAJED_TRY(fits(rule));
        for (const policy::MaskPolicy& rule : policies.mask_policies()) MAJED_TRY(fits(rule));
        for (const policy::EncryptedColumn& rule : policies.encrypted_columns()) MAJED_TRY(fits(rule));
        return {};
    }

    Result<void> refresh(source::Source& source) {
        MAJED_TRY_ASSIGN(const auto catalog, source.refresh_catalog());
        MAJED_TRY(inspect(source, *catalog));
        if (!source.governs()) return {};
        MAJED_TRY_ASSIGN([[maybe_unused]] const Governed governed, govern(source, *catalog));
        return {};
    }

    Result<std::shared_ptr<const Plan>> plan(const Governed& governed, const policy::Principal& principal,
                                             const Identity& identity, const std::string& text,
                                             StatementFacts& facts) {
        const rewrite::Profile& profile =
            governed.enforcement->profile(principal.role, identity.attributes());
        if (auto cached = governed.plans->find(profile.id(), text)) return cached;
        MAJED_TRY_ASSIGN(auto made,
                         make_plan(text, profile, *governed.enforcement, governed.takes_writes, facts));
        if (text.size() <= longest_cached_text) governed.plans->put(profile.id(), text, made);
        return made;
    }

    /// The life of a statement: decide, intent, lease, run, outcome. Nothing else leads to a session.
    Result<QuerySummary> attempt(Run& run) {
        MAJED_TRY_ASSIGN(const Governed governed, this->governed(run.source));
        const Identity identity(run.principal, *governed.enforcement);
        StatementFacts facts;
        const auto decided = plan(governed, run.principal, identity, run.request.sql, facts);
        if (!decided) {
            MAJED_TRY(refused(run, facts, decided.error()));
            return with_what_may_be_run(
                decided.error(), facts.statement_class,
                {governed.takes_writes, may_administer(run.principal, run.request, run.source)});
        }
        const Plan& plan = **decided;
        const audit::Assurance assurance = assurance_of(plan.audited_strictly);
        MAJED_TRY(audit_.append(intent(run, plan), assurance, deadline_of(run)));
        auto answer = execute(run, plan, *governed.keys, identity);
        MAJED_TRY(audit_.append(outcome(run, plan, answer), assurance));
        return answer;
    }

    static Deadline deadline_of(const Run& run) {
        const auto most = run.source.options().limits.statement_timeout;
        return run.started + std::min(run.request.timeout.value_or(most), most);
    }

    Result<QuerySummary> execute(Run& run, const Plan& plan, const ColumnKeys& keys,
                                 const Identity& identity) {
        const source::SourceOptions& options = run.source.options();
        driver::RunLimits limits;
        limits.deadline = deadline_of(run);
        limits.max_rows =
            std::min(run.request.max_rows.value_or(options.limits.max_rows), options.limits.max_rows);
        // What counts is what the caller gets: of encrypted columns, the plaintexts, which are shorter. A write that
        // answers too much must not be done, so there the ciphertexts count.
        const bool counted_here = AnswerSink::counts_bytes(plan) && !plan.writes();
        if (!counted_here) limits.max_bytes = options.limits.max_bytes;
        AnswerSink sink(run.sink, plan, keys, options.limits.max_bytes);
        const auto ran = plan.writes() ? write(run, plan, identity, limits, sink)
                                       : read(run, plan, identity, limits, sink);
        run.rows_given = sink.announced();
        run.undecryptable = sink.undecryptable();
        if (!ran) return ran.error();
        QuerySummary summary;
        if (plan.writes()) summary.rows_affected = ran->rows_affected;
        summary.query_id = run.query_id;
        summary.source = options.name;
        summary.row_count = ran->rows;
        summary.truncated = ran->truncated;
        summary.elapsed =
            std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - run.started);
        summary.row_filters = plan.row_filters;
        summary.masked_columns = plan.masked_columns;
        summary.decrypted_columns = plan.decrypted_columns;
        summary.undecryptable = run.undecryptable;
        return summary;
    }

    static Result<driver::RunSummary> read(const Run& run, const Plan& plan, const Identity& identity,
                                           const driver::RunLimits& limits, AnswerSink& sink) {
        MAJED_TRY_ASSIGN(auto session, run.source.lease(limits.deadline));
        MAJED_TRY_ASSIGN(auto ran, session.run(plan.statement, run.request.parameters, identity.attributes(),
                                               limits, sink));
        MAJED_TRY(sink.announce());
        return ran;
    }

    /// Its rows are kept until it is done and the session is given back: no slow reader holds up other writers.
    static Result<driver::RunSummary> write(Run& run, const Plan& plan, const Identity& identity,
                                            const driver::RunLimits& limits, AnswerSink& sink) {
        KeptRows rows;
        const auto done = [&]() -> Result<driver::RunSummary> {
            MAJED_TRY_ASSIGN(auto session, run.source.lease_to_write(limits.deadline));
            return session.run(plan.statement, run.request.parameters, identity.attributes(), limits, rows);
        }();
        if (!done) return done.error();
        run.rows_affected = done->rows_affected;
        MAJED_TRY(rows.hand_on(sink));
        if (!plan.columns.empty()) MAJED_TRY(sink.announce());
        return *done;
    }

    /// A table may ask for more than what holds for all reads, never for less.
    [[nodiscard]] audit::Assurance assurance_of(bool strict_table) const {
        return strict_table ? audit::Assurance::strict : audit_.read_assurance();
    }

    /// As it was sent, where the operator wants that kept; it is stored encrypted.
    [[nodiscard]] std::string sensitive_part_of(const QueryRequest& request) const {
        if (audit_.statements() == audit::StatementText::normalised) return {};
        return sent_statement_json(request);
    }

    audit::AuditRecord intent(const Run& run, const Plan& plan) {
        audit::AuditRecord record =
            record_of(run.principal, run.request, run.source.options().name, audit::Phase::intent, "query");
        record.event_id = run.query_id;
        record.resource_id = plan.tables;
        constexpr std::string_view how = ",\"authenticated_by\":\"";
        const std::string& proof = run.principal.authenticated_by;  // One of our own words.
        record.details.reserve(plan.details.size() + how.size() + proof.size() + 2);
        record.details.append(plan.details).append(how).append(proof).append("\"}");
        record.sensitive = sensitive_part_of(run.request);
        return record;
    }

    audit::AuditRecord outcome(const Run& run, const Plan& plan, const Result<QuerySummary>& answer) {
        audit::AuditRecord record =
            record_of(run.principal, run.request, run.source.options().name, audit::Phase::outcome, "query");
        record.event_id = run.query_id;
        record.resource_id = plan.tables;
        constexpr std::size_t room_for_figures = 96;
        record.details.reserve(plan.details.size() + room_for_figures);
        record.details = plan.details;
        if (answer) {
            record.details += ",\"rows\":" + std::to_string(answer->row_count) +
                              ",\"truncated\":" + (answer->truncated ? "true" : "false") +
                              ",\"microseconds\":" + std::to_string(answer->elapsed.count());
        } else {
            record.fail(answer.error());
        }
        // Also where the rows it answered found nobody to take them: it is done all the same.
        if (run.rows_affected) {
            record.details += ",\"rows_affected\":" + std::to_string(*run.rows_affected);
        }
        if (!plan.encryptions.empty()) {
            record.details += ",\"undecryptable\":" + std::to_string(run.undecryptable);
        }
        record.details += "}";
        return record;
    }

    /// A refusal is recorded as strictly as a run would have been.
    Result<void> refused(const Run& run, const StatementFacts& facts, const Error& error) {
        audit::AuditRecord record =
            record_of(run.principal, run.request, run.source.options().name, audit::Phase::event, "query");
        record.event_id = run.query_id;
        format::JsonWriter json(record.details);
        append_facts(json.begin_object(), facts);
        json.key("authenticated_by").text(run.principal.authenticated_by).end_object();
        record.sensitive = sensitive_part_of(run.request);
        record.fail(error);
        const std::string& refused = facts.statement_class;
        return audit_.append(std::move(record), assurance_of(refused == "write" || refused == "ddl" ||
                                                             refused == "maintenance"));
    }

    Result<void> examine(const policy::Principal& principal, const QueryRequest& request,
                         source::Source& source, CheckReport& report, StatementFacts& facts) {
        if (const auto wanted = administration_in(principal, request, source)) {
            facts = wanted->facts;
            report.audited_strictly = true;
            return wanted->statement ? Result<void>() : wanted->statement.error();
        }
        MAJED_TRY_ASSIGN(const Governed governed, this->governed(source));
        const Identity identity(principal, *governed.enforcement);
        const auto planned = this->plan(governed, principal, identity, request.sql, facts);
        if (!planned) {
            const Offers offers{governed.takes_writes, may_administer(principal, request, source)};
            return explained(planned.error(),
                             {request.sql, facts.statement_class, offers, governed.enforcement->dialect()},
                             governed.enforcement->profile(principal.role, identity.attributes()));
        }
        const auto& plan = *planned;
        facts = {plan->writes() ? "write" : "read", plan->fingerprint, plan->normalized};
        report.relations = plan->relations;
        report.audited_strictly = assurance_of(plan->audited_strictly) == audit::Assurance::strict;
        for (RelationReport& relation : report.relations) {
            if (principal.role)
                relation.rule = governed.policies->origin_of(*principal.role, source.options().name,
                                                             relation.table, relation.action);
        }
        const bool admin = principal.role == policy::Role::admin;
        if (admin) {
            report.rewritten = governed.enforcement->readable(plan->statement.sql());
        } else {
            for (RelationReport& relation : report.relations) relation.filter.clear();
        }
        const Deadline deadline = deadline_after(source.options().pool.acquire_timeout);
        MAJED_TRY_ASSIGN(auto session,
                         plan->writes() ? source.lease_to_write(deadline) : source.lease(deadline));
        return session.prepare(plan->statement);
    }

    source::SourceRegistry& sources_;
    audit::AuditTrail& audit_;
    const std::vector<std::uint8_t> pseudonym_key_;
    const std::string boot_id_;
    std::atomic<std::uint64_t> query_count_{0};
    std::atomic<std::uint64_t> generation_{0};
    SchemaChanges changes_;
    Mutex mutex_;
    Rules rules_ MAJED_GUARDED_BY(mutex_);
    std::map<const source::Source*, Governed> governed_ MAJED_GUARDED_BY(mutex_);
    std::map<const source::Source*, Error> refused_ MAJED_GUARDED_BY(mutex_);  ///< Not served, and why.
};

Gateway::Gateway(source::SourceRegistry& sources, audit::AuditTrail& audit,
                 std::vector<std::uint8_t> pseudonym_key)
    : state_(std::make_unique<State>(sources, audit, std::move(pseudonym_key))) {}

Gateway::~Gateway() = default;

Result<void> Gateway::install_policies(std::shared_ptr<const policy::PolicySet> policies,
                                       std::shared_ptr<const ColumnKeys> keys) {
    return state_->install({std::move(policies), std::move(keys)});
}

Result<QuerySummary> Gateway::query(const policy::Principal& principal, const QueryRequest& request,
                                    ResultSink& sink) {
    return state_->query(principal, request, sink);
}

Result<CheckReport> Gateway::check(const policy::Principal& principal, const QueryRequest& request) {
    return state_->check(principal, request);
}

}  // namespace majed::gateway
