// SPDX-License-Identifier: Apache-2.0
#include "format/text.h"
#include "migrate/migration_name.h"
#include "migrate/plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace majed::migrate {
namespace {

constexpr std::size_t max_named = 50;
constexpr std::size_t shown_of_statement = 80;

std::optional<Version> version_of(const MigrationStatus& status) {
    if (status.migration != nullptr) {
        return status.migration->version;
    }
    auto parsed = Version::parse(status.key);
    return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
}

bool is_repeatable(const MigrationStatus& status) {
    return status.migration != nullptr ? status.migration->repeatable()
                                       : status.key.starts_with(repeatable_prefix);
}

bool ran_whole(const LedgerRow& row) noexcept {
    return row.state == LedgerState::applied || row.state == LedgerState::baseline;
}

bool missing_blocks(const MigrationStatus& status) {
    if (!status.row || status.row->state == LedgerState::undone) {
        return false;
    }
    return !is_repeatable(status) || !ran_whole(*status.row);
}

/// A key may come from the database: it is shown, but may neither move the cursor nor fill the screen.
std::string shown_key(const MigrationStatus& status) {
    return format::fitted(format::printable(status.key), shown_of_statement);
}

std::string named(const MigrationStatus& status) {
    std::string text = shown_key(status);
    if (status.migration != nullptr) {
        text += " (" + format::fitted(format::printable(status.migration->file), shown_of_statement) + ")";
    }
    return text;
}

/// A state in words, and the way out of it.
struct Obstacle {
    std::string words;
    std::string way_out;
};

Obstacle obstacle_of_undoing(const MigrationStatus& status) {
    if (status.state == MigrationState::in_doubt) {
        return {"whether statement " + std::to_string(status.row->statement_begun) +
                    " of its way down happened is not known",
                "look in the database, then say so with `majed migrate repair --applied " +
                    shown_key(status) + "` or `--not-applied " + shown_key(status) + "`"};
    }
    return {"taking it back has not ended", "go on with `majed migrate down`"};
}

Obstacle obstacle_of_change(const MigrationStatus& status) {
    const bool unfinished = status.row && status.row->state != LedgerState::applied;
    return {unfinished ? "what ran of it was changed since" : "changed since it ran",
            "put the file back as it was and write a new migration, or accept it with `majed migrate repair "
            "--accept-changes`"};
}

Obstacle obstacle_of(const MigrationStatus& status) {
    if (is_being_undone(status)) {
        return obstacle_of_undoing(status);
    }
    switch (status.state) {
        case MigrationState::changed:
            return obstacle_of_change(status);
        case MigrationState::out_of_order:
            return {"pending below one that ran",
                    "give it a version above those that ran, or run it with `majed migrate up "
                    "--allow-out-of-order`"};
        case MigrationState::missing:
            return {"ran, but its file is gone",
                    "restore the file, or forget it with `majed migrate repair --forget-missing`"};
        case MigrationState::in_doubt:
            return {"whether its statement " + std::to_string(status.row->statement_begun) +
                        " happened is not known",
                    "look in the database, then say so with `majed migrate repair --applied " +
                        shown_key(status) + "` or `--not-applied " + shown_key(status) + "`"};
        case MigrationState::future:
            return {"ran, but is above every file here", "use the newer folder or program that it came from"};
        case MigrationState::failed:
            return {"failed in the middle", "go on with `majed migrate up`"};
        case MigrationState::interrupted:
            return {"was interrupted in the middle", "go on with `majed migrate up`"};
        case MigrationState::baseline:
            return {"is the baseline, below which nothing is known",
                    "stop at it: `majed migrate down --to " + shown_key(status) + "`"};
        case MigrationState::pending:
        case MigrationState::applied:
        case MigrationState::cosmetic:
        case MigrationState::outdated:
        case MigrationState::below_baseline:
            break;
    }
    return {std::string(name_of(status.state)), ""};
}

/// Each on a line of its own; each way out once.
Error conflict_of(std::string_view head, std::span<const MigrationStatus* const> statuses) {
    Error error{.code = ErrorCode::conflict, .message = std::string(head)};
    std::vector<std::string> ways_out;
    for (const MigrationStatus* const status : statuses.first(std::min(statuses.size(), max_named))) {
        Obstacle obstacle = obstacle_of(*status);
        error.message += "\n" + named(*status) + ": " + obstacle.words;
        if (!obstacle.way_out.empty() && std::ranges::find(ways_out, obstacle.way_out) == ways_out.end()) {
            ways_out.push_back(std::move(obstacle.way_out));
        }
    }
    if (statuses.size() > max_named) {
        error.message += "\nand " + std::to_string(statuses.size() - max_named) + " more";
    }
    for (const std::string& way_out : ways_out) {
        error.hint += (error.hint.empty() ? "" : "\n") + way_out;
    }
    return error;
}

bool runs(const MigrationStatus& status, const Allowances& allowances) {
    if (status.migration == nullptr || is_being_undone(status)) {
        return false;
    }
    switch (status.state) {
        case MigrationState::pending:
        case MigrationState::outdated:
        case MigrationState::failed:
        case MigrationState::interrupted:
            return true;
        case MigrationState::out_of_order:
            return allowances.out_of_order;
        case MigrationState::applied:
        case MigrationState::cosmetic:
        case MigrationState::changed:
        case MigrationState::missing:
        case MigrationState::in_doubt:
        case MigrationState::future:
        case MigrationState::baseline:
        case MigrationState::below_baseline:
            break;
    }
    return false;
}

/// Something of it is in the database that a way down would have to take out.
bool is_there(const MigrationStatus& status) {
    return status.row && status.row->state != LedgerState::undone && !is_repeatable(status);
}

bool can_go_down(const MigrationStatus& status) noexcept {
    return status.state == MigrationState::applied || status.state == MigrationState::cosmetic;
}

Result<void> check_target(std::span<const MigrationStatus> statuses, const Version& to) {
    const bool known = to == Version{} || std::ranges::any_of(statuses, [&](const MigrationStatus& status) {
                           return version_of(status) == to &&
                                  (is_there(status) || status.state == MigrationState::below_baseline);
                       });
    if (!known) {
        return Error{.code = ErrorCode::not_found,
                     .message = "version " + to.text() + " is not applied",
                     .hint = "`majed migrate status` lists those that are; 0 takes all of them back"};
    }
    return {};
}

}  // namespace

bool is_being_undone(const MigrationStatus& status) noexcept {
    return status.row &&
           (status.row->state == LedgerState::running || status.row->state == LedgerState::failed) &&
           status.row->progress_digest.starts_with(undoing_mark);
}

bool blocks(const MigrationStatus& status, const Allowances& allowances) {
    if (is_being_undone(status)) {
        return true;
    }
    switch (status.state) {
        case MigrationState::changed:
        case MigrationState::in_doubt:
        case MigrationState::future:
            return true;
        case MigrationState::missing:
            return missing_blocks(status);
        case MigrationState::out_of_order:
            return !allowances.out_of_order;
        case MigrationState::pending:
        case MigrationState::applied:
        case MigrationState::cosmetic:
        case MigrationState::outdated:
        case MigrationState::failed:
        case MigrationState::interrupted:
        case MigrationState::baseline:
        case MigrationState::below_baseline:
            break;
    }
    return false;
}

Result<void> check_runnable(std::span<const MigrationStatus> statuses, const Allowances& allowances) {
    std::vector<const MigrationStatus*> blocking;
    for (const MigrationStatus& status : statuses) {
        if (blocks(status, allowances)) {
            blocking.push_back(&status);
        }
    }
    if (blocking.empty()) {
        return {};
    }
    return conflict_of("nothing was run; in the way:", blocking);
}

std::vector<const MigrationStatus*> to_apply(std::span<const MigrationStatus> statuses,
                                             const std::optional<Version>& to, const Allowances& allowances) {
    std::vector<const MigrationStatus*> versioned;
    std::vector<const MigrationStatus*> repeatable;
    bool left_above = false;
    for (const MigrationStatus& status : statuses) {
        if (!runs(status, allowances)) {
            continue;
        }
        if (status.migration->repeatable()) {
            repeatable.push_back(&status);
        } else if (to && *to < *status.migration->version) {
            left_above = true;
        } else {
            versioned.push_back(&status);
        }
    }
    if (!left_above) {
        versioned.insert(versioned.end(), repeatable.begin(), repeatable.end());
    }
    return versioned;
}

Result<std::vector<const MigrationStatus*>> to_undo(std::span<const MigrationStatus> statuses,
                                                    const std::optional<Version>& to) {
    if (to) {
        MAJED_TRY(check_target(statuses, *to));
    }
    std::vector<const MigrationStatus*> chosen;
    for (const MigrationStatus& status : statuses) {
        const auto version = version_of(status);
        // A key that is no version stands nowhere: it is in the way of every way down.
        if (is_there(status) && (!to || !version || *to < *version)) {
            chosen.push_back(&status);
        }
    }
    std::ranges::reverse(chosen);
    if (!to && chosen.size() > 1) {
        chosen.resize(1);
    }
    std::vector<const MigrationStatus*> blocking;
    std::ranges::copy_if(chosen, std::back_inserter(blocking),
                         [](const MigrationStatus* status) { return !can_go_down(*status); });
    if (!blocking.empty()) {
        return conflict_of("nothing was taken back; in the way:", blocking);
    }
    Error without{.code = ErrorCode::unsupported,
                  .message = "nothing was taken back; there is no way down for"};
    std::size_t count = 0;
    for (const MigrationStatus* const status : chosen) {
        if (!status->migration->down && ++count <= max_named) {
            without.message += "\n" + named(*status);
        }
    }
    if (count > 0) {
        without.hint =
            "write it as a part `-- majed:down` or a file `.down.sql`, or change the schema back with a new "
            "migration";
        return without;
    }
    return chosen;
}

}  // namespace majed::migrate
