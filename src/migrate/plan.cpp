// SPDX-License-Identifier: Apache-2.0
#include "migrate/plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace majed::migrate {
namespace {

/// The row as it stands in the ledger, with its key understood.
struct KnownRow {
    const LedgerRow* row = nullptr;
    std::optional<Version> version = {};  ///< Absent: repeatable, or a key that nobody of ours wrote.
    bool taken = false;                   ///< A migration stands beside it.
};

std::optional<Version> version_of_key(const std::string& key) {
    auto parsed = Version::parse(key);
    return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

/// It changed the schema, wholly or in part, and was not taken back.
bool took_effect(const LedgerRow& row) noexcept {
    return row.state != LedgerState::undone;
}

void raise(std::optional<Version>& greatest, const std::optional<Version>& version) {
    if (version && (!greatest || *greatest < *version)) {
        greatest = version;
    }
}

/// The part of a stepwise migration that ran is still what its file says.
bool progress_holds(const Migration& migration, const LedgerRow& row) {
    const std::span<const ScriptStatement> statements(migration.up.statements);
    return row.statements_applied <= statements.size() &&
           progress_digest(statements.first(row.statements_applied)) == row.progress_digest;
}

bool is_in_doubt(const LedgerRow& row) noexcept {
    return row.statement_begun > row.statements_applied;
}

class Comparison {
public:
    Comparison(std::span<const Migration> migrations, std::span<const LedgerRow> ledger)
        : migrations_(migrations) {
        for (const LedgerRow& row : ledger) {
            rows_.push_back({&row, version_of_key(row.version)});
        }
        std::ranges::stable_sort(rows_, {}, [](const KnownRow& known) { return known.row->id; });
        for (KnownRow& known : rows_) {
            prefer(known.version ? by_version_[*known.version] : by_key_[known.row->version], known);
            if (took_effect(*known.row)) {
                raise(latest_, known.version);
            }
            if (known.row->state == LedgerState::baseline) {
                raise(baseline_, known.version);
            }
        }
        for (const Migration& migration : migrations) {
            raise(greatest_file_, migration.version);
        }
    }

    std::vector<MigrationStatus> statuses() {
        for (const Migration& migration : migrations_) {
            KnownRow* const known = row_of(migration);
            MigrationStatus status{
                .key = migration.key, .description = migration.description, .migration = &migration};
            if (known != nullptr) {
                known->taken = true;
                status.row = *known->row;
            }
            status.state = migration.version ? state_of_versioned(migration, status.row)
                                             : state_of_repeatable(migration, status.row);
            add(migration.version, std::move(status));
        }
        for (const KnownRow& known : rows_) {
            if (!known.taken) {
                add(known.version, MigrationStatus{.state = state_without_file(known),
                                                   .key = known.row->version,
                                                   .description = known.row->description,
                                                   .row = *known.row});
            }
        }
        return sorted();
    }

private:
    struct Placed {
        std::optional<Version> version;
        MigrationStatus status;
    };

    /// Of several of one key, which only a hand from outside can have made: the last that took effect.
    static void prefer(KnownRow*& chosen, KnownRow& known) {
        if (chosen == nullptr || took_effect(*known.row) || !took_effect(*chosen->row)) {
            chosen = &known;
        }
    }

    KnownRow* row_of(const Migration& migration) {
        KnownRow* found = nullptr;
        if (migration.version) {
            const auto place = by_version_.find(*migration.version);
            found = place == by_version_.end() ? nullptr : place->second;
        } else {
            const auto place = by_key_.find(migration.key);
            found = place == by_key_.end() ? nullptr : place->second;
        }
        return found == nullptr || found->taken ? nullptr : found;
    }

    MigrationState state_of_new(const Migration& migration) const {
        if (baseline_ && *migration.version <= *baseline_) {
            return MigrationState::below_baseline;
        }
        return latest_ && *migration.version < *latest_ ? MigrationState::out_of_order
                                                        : MigrationState::pending;
    }

    MigrationState state_of_versioned(const Migration& migration, const std::optional<LedgerRow>& row) const {
        if (!row) {
            return state_of_new(migration);
        }
        switch (row->state) {
            case LedgerState::undone:
                return state_of_new(migration);
            case LedgerState::baseline:
                return MigrationState::baseline;
            case LedgerState::applied:
                return state_of_applied(migration, *row, MigrationState::changed);
            case LedgerState::running:
            case LedgerState::failed:
                break;
        }
        if (row->progress_digest.starts_with(undoing_mark)) {
            return state_of_undoing(*row);
        }
        return progress_holds(migration, *row) ? state_of_begun(*row, migration) : MigrationState::changed;
    }

    static MigrationState state_of_repeatable(const Migration& migration,
                                              const std::optional<LedgerRow>& row) {
        if (!row) {
            return MigrationState::pending;
        }
        switch (row->state) {
            case LedgerState::undone:
                return MigrationState::pending;
            case LedgerState::baseline:
                return MigrationState::baseline;
            case LedgerState::applied:
                return state_of_applied(migration, *row, MigrationState::outdated);
            case LedgerState::running:
            case LedgerState::failed:
                break;
        }
        if (is_in_doubt(*row)) {
            return MigrationState::in_doubt;
        }
        return progress_holds(migration, *row) ? state_of_begun(*row, migration) : MigrationState::outdated;
    }

    static MigrationState state_of_applied(const Migration& migration, const LedgerRow& row,
                                           MigrationState otherwise) {
        if (migration.checksum == row.checksum) {
            return MigrationState::applied;
        }
        return migration.tokens_checksum == row.tokens_checksum ? MigrationState::cosmetic : otherwise;
    }

    /// What ran of it is as the file says.
    static MigrationState state_of_begun(const LedgerRow& row, const Migration& migration) {
        if (is_in_doubt(row)) {
            // Nobody can resolve a statement that the file does not have any more.
            return row.statement_begun <= migration.up.statements.size() ? MigrationState::in_doubt
                                                                         : MigrationState::changed;
        }
        return row.state == LedgerState::failed ? MigrationState::failed : MigrationState::interrupted;
    }

    static MigrationState state_of_undoing(const LedgerRow& row) {
        if (is_in_doubt(row)) {
            return MigrationState::in_doubt;
        }
        return row.state == LedgerState::failed ? MigrationState::failed : MigrationState::interrupted;
    }

    MigrationState state_without_file(const KnownRow& known) const {
        if (known.row->state == LedgerState::baseline) {
            return MigrationState::baseline;
        }
        const bool above = known.version && greatest_file_ && *greatest_file_ < *known.version;
        return above && took_effect(*known.row) ? MigrationState::future : MigrationState::missing;
    }

    void add(const std::optional<Version>& version, MigrationStatus status) {
        placed_.push_back({version, std::move(status)});
    }

    std::vector<MigrationStatus> sorted() {
        std::ranges::stable_sort(placed_, [](const Placed& a, const Placed& b) {
            if (a.version && b.version) {
                return *a.version < *b.version;
            }
            return a.version || (!b.version && a.status.key < b.status.key);
        });
        std::vector<MigrationStatus> statuses;
        statuses.reserve(placed_.size());
        for (Placed& placed : placed_) {
            statuses.push_back(std::move(placed.status));
        }
        return statuses;
    }

    std::span<const Migration> migrations_;
    std::vector<KnownRow> rows_ = {};
    std::map<Version, KnownRow*> by_version_ = {};
    std::map<std::string, KnownRow*> by_key_ = {};
    std::vector<Placed> placed_ = {};
    std::optional<Version> latest_ = {};
    std::optional<Version> baseline_ = {};
    std::optional<Version> greatest_file_ = {};
};

}  // namespace

std::string_view name_of(MigrationState state) noexcept {
    constexpr std::array<std::string_view, 13> names{
        "pending", "applied",     "cosmetic", "changed", "outdated", "out_of_order",  "missing",
        "failed",  "interrupted", "in_doubt", "future",  "baseline", "below_baseline"};
    return names.at(static_cast<std::size_t>(state));
}

std::vector<MigrationStatus> compare(std::span<const Migration> migrations,
                                     std::span<const LedgerRow> ledger) {
    return Comparison(migrations, ledger).statuses();
}

}  // namespace majed::migrate
