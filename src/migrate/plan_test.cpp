// SPDX-License-Identifier: Apache-2.0
#include "migrate/plan.h"

#include "migrate/plan_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>

namespace majed::migrate {
namespace plan_test {

using enum MigrationState;

std::string keys_of(const std::vector<const MigrationStatus*>& statuses) {
    std::string keys;
    for (const MigrationStatus* const status : statuses) {
        keys += (keys.empty() ? "" : " ") + status->key;
    }
    return keys;
}

/// `5:applied R__a:pending`
std::string shown(const std::vector<MigrationStatus>& statuses) {
    std::string text;
    for (const MigrationStatus& status : statuses) {
        text += (text.empty() ? "" : " ") + status.key + ":" + std::string(name_of(status.state));
    }
    return text;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// ---- the whole product ----

enum class File { absent, same, cosmetic, changed, changed_behind };
enum class Place { alone, below_latest, below_baseline, above_baseline, above_files };

std::optional<Migration> file_of(File kind, const std::string& key) {
    Migration made = migration(key);
    switch (kind) {
        case File::absent:
            return std::nullopt;
        case File::same:
            return made;
        case File::cosmetic:
            made.checksum = "other";
            return made;
        case File::changed:
            return migration(key, 3, "new");
        case File::changed_behind:  // What comes behind the second statement, where begun ones below stand.
            made = migration(key, 4);
            made.checksum = made.tokens_checksum = "new";
            return made;
    }
    return std::nullopt;
}

struct RowCase {
    std::string_view name;
    std::optional<LedgerRow> row;
};

std::vector<RowCase> row_cases(const std::string& key) {
    LedgerRow undoing = begun(LedgerState::failed, 1, 0, key);
    undoing.progress_digest = "down:" + undoing.progress_digest;
    return {{"none", std::nullopt},
            {"applied", row(key)},
            {"undone", row(key, LedgerState::undone)},
            {"baseline", row(key, LedgerState::baseline)},
            {"failed", begun(LedgerState::failed, 2, 0, key)},
            {"failed_first", begun(LedgerState::failed, 0, 0, key)},
            {"running", begun(LedgerState::running, 2, 0, key)},
            {"running_told", begun(LedgerState::running, 2, 2, key)},
            {"running_begun", begun(LedgerState::running, 2, 3, key)},
            {"running_beyond", begun(LedgerState::running, 2, 9, key)},
            {"undoing", undoing}};
}

/// The state of `5` by file and row, each place in turn: alone, below_latest, below_baseline, above_baseline, above_files.
using States = std::array<MigrationState, 5>;

States all(MigrationState state) {
    return {state, state, state, state, state};
}

States versioned_states(File file, std::string_view row) {
    const States fresh{pending, out_of_order, below_baseline, pending, pending};
    const States gone{missing, missing, missing, missing, future};
    if (row == "none") return fresh;
    if (row == "baseline") return all(baseline);
    if (file == File::absent) return row == "undone" ? all(missing) : gone;
    if (row == "undone") return fresh;
    if (row == "undoing") return all(failed);
    const bool prefix = file != File::changed;
    if (row == "failed_first") return all(failed);
    if (row == "failed") return all(prefix ? failed : changed);
    if (row == "running" || row == "running_told") return all(prefix ? interrupted : changed);
    if (row == "running_begun") return all(prefix ? in_doubt : changed);
    if (row == "running_beyond") return all(changed);
    return all(file == File::same ? applied : file == File::cosmetic ? cosmetic : changed);
}

TEST(Comparison, knows_the_state_of_every_file_with_every_row_in_every_place) {
    for (const File file : {File::absent, File::same, File::cosmetic, File::changed, File::changed_behind}) {
        for (const RowCase& one : row_cases("5")) {
            for (const Place place : {Place::alone, Place::below_latest, Place::below_baseline,
                                      Place::above_baseline, Place::above_files}) {
                std::vector<Migration> files;
                std::vector<LedgerRow> ledger;
                const std::string other =
                    place == Place::below_latest || place == Place::below_baseline ? "9" : "3";
                if (place == Place::alone) {
                    // Something above it that did not run, so that a row without a file is not above every file.
                    files.push_back(migration("9"));
                } else {
                    files.push_back(migration(other));
                    const bool base = place == Place::below_baseline || place == Place::above_baseline;
                    ledger.push_back(row(other, base ? LedgerState::baseline : LedgerState::applied, 7));
                }
                if (place == Place::above_baseline) files.push_back(migration("8"));
                if (auto own = file_of(file, "5")) files.push_back(*own);
                if (one.row) ledger.push_back(*one.row);
                const auto statuses = compare(files, ledger);
                const auto found = std::ranges::find(statuses, "5", &MigrationStatus::key);
                if (file == File::absent && !one.row) {
                    EXPECT_EQ(found, statuses.end());
                    continue;
                }
                ASSERT_NE(found, statuses.end());
                EXPECT_EQ(name_of(found->state),
                          name_of(versioned_states(file, one.name).at(static_cast<std::size_t>(place))))
                    << "file " << static_cast<int>(file) << " row " << one.name << " place "
                    << static_cast<int>(place);
                EXPECT_EQ(found->migration != nullptr, file != File::absent);
                EXPECT_EQ(found->row, one.row);
            }
        }
    }
}

MigrationState repeatable_state(File file, std::string_view row) {
    if (file == File::absent) return row == "baseline" ? baseline : missing;
    if (row == "none" || row == "undone") return pending;
    if (row == "baseline") return baseline;
    if (row == "running_begun" || row == "running_beyond") return in_doubt;
    if (row == "failed_first") return failed;
    if (row == "undoing") return outdated;
    if (row == "applied") return file == File::same ? applied : file == File::cosmetic ? cosmetic : outdated;
    if (file == File::changed) return outdated;
    return row == "failed" ? failed : interrupted;
}

TEST(Comparison, knows_the_state_of_every_repeatable_file_with_every_row) {
    for (const File file : {File::absent, File::same, File::cosmetic, File::changed, File::changed_behind}) {
        for (const RowCase& one : row_cases("R__v")) {
            std::vector<Migration> files;
            std::vector<LedgerRow> ledger;
            if (auto own = file_of(file, "R__v")) files.push_back(*own);
            if (one.row) ledger.push_back(*one.row);
            const auto statuses = compare(files, ledger);
            ASSERT_EQ(statuses.size(), files.empty() && ledger.empty() ? 0U : 1U);
            if (!statuses.empty()) {
                EXPECT_EQ(name_of(statuses[0].state), name_of(repeatable_state(file, one.name)))
                    << "file " << static_cast<int>(file) << " row " << one.name;
            }
        }
    }
}

TEST(Comparison, takes_versions_for_the_same_whatever_their_digits) {
    const std::vector files{migration("5")};
    EXPECT_EQ(shown(compare(files, std::vector{row("005.0")})), "5:applied");
}

TEST(Comparison, takes_a_row_for_missing_when_there_is_no_file_at_all) {
    EXPECT_EQ(shown(compare({}, std::vector{row("5")})), "5:missing");
}

TEST(Comparison, shows_a_key_that_is_none_of_ours_as_missing) {
    const std::vector ledger{row("V5"), row(""), row("r__a")};
    const auto statuses = compare(std::vector{migration("5"), migration("R__a")}, ledger);
    EXPECT_EQ(shown(statuses), "5:pending :missing R__a:pending V5:missing r__a:missing");
    EXPECT_FALSE(check_runnable(statuses, {}));
}

TEST(Comparison, loses_no_row_when_one_version_has_several) {
    const std::vector files{migration("5")};
    const std::vector ledger{row("05", LedgerState::undone, 1), row("5", LedgerState::applied, 2),
                             row("5.0", LedgerState::undone, 3)};
    EXPECT_EQ(shown(compare(files, ledger)), "5:applied 05:missing 5.0:missing");
    EXPECT_TRUE(check_runnable(compare(files, ledger), {}));
    EXPECT_FALSE(check_runnable(
        compare(files, std::vector{row("5", LedgerState::applied, 1), row("5.0", LedgerState::applied, 2)}),
        {}));
}

TEST(Comparison, counts_a_failed_one_as_one_that_ran_and_an_undone_one_not) {
    const std::vector files{migration("3"), migration("5")};
    EXPECT_EQ(shown(compare(files, std::vector{begun(LedgerState::failed, 1, 0)})),
              "3:out_of_order 5:failed");
    EXPECT_EQ(shown(compare(files, std::vector{row("5", LedgerState::undone)})), "3:pending 5:pending");
}

TEST(Comparison, says_changed_when_the_file_is_shorter_than_what_ran_or_was_begun) {
    EXPECT_EQ(shown(compare(std::vector{migration("5", 1)}, std::vector{begun(LedgerState::failed, 2, 0)})),
              "5:changed");
    EXPECT_EQ(shown(compare(std::vector{migration("5", 2)}, std::vector{begun(LedgerState::running, 2, 3)})),
              "5:changed");
    EXPECT_EQ(shown(compare(std::vector{migration("5", 2)}, std::vector{begun(LedgerState::running, 2, 0)})),
              "5:interrupted");
}

TEST(Comparison, trusts_no_tokens_checksum_of_another_algorithm) {
    Migration file = migration("5");
    file.checksum = "other";
    LedgerRow old = row("5");
    old.tokens_checksum = "t0:tokens";
    EXPECT_EQ(shown(compare(std::vector{file}, std::vector{old})), "5:changed");
}

// ---- what blocks ----

TEST(Runnable, is_refused_with_every_obstacle_its_state_and_the_way_out) {
    const std::vector files{migration("2"), migration("3", 3, "new"), migration("4"), migration("5")};
    std::vector ledger{row("1"), row("3"), row("4"), begun(LedgerState::running, 1, 2), row("9")};
    const auto refused = check_runnable(compare(files, ledger), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(refused.error().message,
              "nothing was run; in the way:\n"
              "1: ran, but its file is gone\n"
              "2 (2_a.sql): pending below one that ran\n"
              "3 (3_a.sql): changed since it ran\n"
              "5 (5_a.sql): whether its statement 2 happened is not known\n"
              "9: ran, but is above every file here");
    for (const std::string_view way : {"--forget-missing", "--allow-out-of-order", "--accept-changes",
                                       "repair --applied 5`", "--not-applied 5`", "newer folder"}) {
        EXPECT_TRUE(has(refused.error().hint, way)) << way;
    }
}

TEST(Runnable, is_not_hindered_by_what_goes_on_or_is_over) {
    const std::vector files{migration("3"), migration("5"), migration("R__a", 3, "new"), migration("7")};
    const std::vector ledger{row("3"), begun(LedgerState::failed, 1, 0), row("R__a"), row("R__gone"),
                             row("4", LedgerState::undone)};
    EXPECT_TRUE(check_runnable(compare(files, ledger), {}));
}

TEST(Runnable, is_hindered_by_half_a_repeatable_one_whose_file_is_gone) {
    EXPECT_FALSE(check_runnable(compare({}, std::vector{begun(LedgerState::failed, 1, 0, "R__a")}), {}));
}

TEST(Runnable, allows_out_of_order_and_nothing_else) {
    const std::vector files{migration("3"), migration("5")};
    EXPECT_FALSE(check_runnable(compare(files, std::vector{row("5")}), {}));
    EXPECT_TRUE(check_runnable(compare(files, std::vector{row("5")}), {.out_of_order = true}));
    EXPECT_FALSE(check_runnable(compare(files, std::vector{row("5"), row("4")}), {.out_of_order = true}));
}

TEST(Runnable, is_hindered_by_an_undoing_that_has_not_ended) {
    LedgerRow undoing = begun(LedgerState::failed, 1, 0);
    undoing.progress_digest = "down:" + undoing.progress_digest;
    const std::vector files{migration("5")};
    const auto statuses = compare(files, std::vector{undoing});
    const auto refused = check_runnable(statuses, {});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(has(refused.error().message, "5 (5_a.sql): taking it back has not ended"));
    EXPECT_TRUE(has(refused.error().hint, "majed migrate down"));
    EXPECT_TRUE(to_apply(statuses, {}, {}).empty());
}

TEST(Runnable, shows_no_more_than_50_obstacles_and_no_control_characters_of_the_ledger) {
    std::vector<LedgerRow> ledger;
    for (int i = 1; i <= 200; ++i) {
        ledger.push_back(row("\x1b[2J" + std::string(5000, 'x') + std::to_string(i)));
    }
    const auto refused = check_runnable(compare({}, ledger), {});
    ASSERT_FALSE(refused);
    EXPECT_FALSE(has(refused.error().message, "\x1b"));
    EXPECT_LT(refused.error().message.size(), 10000U);
    EXPECT_TRUE(has(refused.error().message, "and 150 more"));
}

// ---- up ----

TEST(ToApply, is_versions_in_order_and_then_repeatable_ones) {
    const std::vector files{migration("R__b", 3, "new"), migration("10"), migration("R__a"), migration("9"),
                            migration("R__c"),           migration("5"),  migration("3")};
    const std::vector ledger{row("3"), begun(LedgerState::failed, 1, 0), row("R__b"), row("R__c")};
    EXPECT_EQ(keys_of(to_apply(compare(files, ledger), {}, {})), "5 9 10 R__a R__b");
}

TEST(ToApply, stops_at_the_version_asked_for_and_leaves_repeatable_ones_when_something_is_left) {
    const std::vector files{migration("1"), migration("2"), migration("3"), migration("R__a")};
    const auto statuses = compare(files, {});
    EXPECT_EQ(keys_of(to_apply(statuses, version("2"), {})), "1 2");
    EXPECT_EQ(keys_of(to_apply(statuses, version("3"), {})), "1 2 3 R__a");
    EXPECT_EQ(keys_of(to_apply(statuses, version("2.5"), {})), "1 2");
    EXPECT_EQ(keys_of(to_apply(statuses, version("0"), {})), "");
    const auto done = compare(files, std::vector{row("1"), row("2"), row("3")});
    EXPECT_EQ(keys_of(to_apply(done, version("1"), {})), "R__a");
}

TEST(ToApply, takes_one_out_of_order_when_that_is_allowed) {
    const std::vector files{migration("3"), migration("5"), migration("7")};
    const auto statuses = compare(files, std::vector{row("5")});
    EXPECT_EQ(keys_of(to_apply(statuses, {}, {.out_of_order = true})), "3 7");
    EXPECT_EQ(keys_of(to_apply(statuses, {}, {})), "7");
}

TEST(ToApply, leaves_what_lies_below_the_baseline) {
    const std::vector files{migration("3"), migration("5"), migration("7")};
    EXPECT_EQ(keys_of(to_apply(compare(files, std::vector{row("5", LedgerState::baseline)}), {}, {})), "7");
}

// ---- down ----

struct Down {
    std::vector<Migration> files;
    std::vector<LedgerRow> ledger;
    std::vector<MigrationStatus> statuses = compare(files, ledger);

    std::string keys(const std::optional<Version>& to) const {
        const auto chosen = to_undo(statuses, to);
        return chosen ? keys_of(*chosen) : "refused: " + std::string(traits(chosen.error().code).name);
    }
};

TEST(ToUndo, is_the_greatest_alone_or_everything_above_greatest_first) {
    const Down all{{migration("1"), migration("2"), migration("10"), migration("R__a")},
                   {row("1"), row("2"), row("10"), row("R__a")}};
    EXPECT_EQ(all.keys({}), "10");
    EXPECT_EQ(all.keys(version("1")), "10 2");
    EXPECT_EQ(all.keys(version("0")), "10 2 1");
    EXPECT_EQ(all.keys(version("10")), "");
    EXPECT_EQ(all.keys(version("5")), "refused: not_found");
}

TEST(ToUndo, follows_versions_also_when_they_ran_out_of_order) {
    const Down late{{migration("3"), migration("5")},
                    {row("5", LedgerState::applied, 1), row("3", LedgerState::applied, 2)}};
    EXPECT_EQ(late.keys({}), "5");
    EXPECT_EQ(late.keys(version("0")), "5 3");
}

TEST(ToUndo, is_nothing_when_nothing_ran) {
    const Down none{{migration("1")}, {}};
    EXPECT_EQ(none.keys({}), "");
    EXPECT_EQ(none.keys(version("0")), "");
    EXPECT_EQ(none.keys(version("1")), "refused: not_found");
    const Down undone{{migration("1")}, {row("1", LedgerState::undone)}};
    EXPECT_EQ(undone.keys({}), "");
    EXPECT_EQ(undone.keys(version("1")), "refused: not_found");
}

TEST(ToUndo, is_unsupported_without_a_way_down_and_names_each) {
    Down some{{migration("1"), migration("2"), migration("3")}, {row("1"), row("2"), row("3")}};
    some.files[1].down.reset();
    some.statuses = compare(some.files, some.ledger);
    EXPECT_EQ(some.keys({}), "3");
    const auto refused = to_undo(some.statuses, version("0"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
    EXPECT_TRUE(has(refused.error().message, "\n2 (2_a.sql)"));
    EXPECT_FALSE(has(refused.error().message, "1_a.sql"));
}

TEST(ToUndo, is_refused_for_each_that_is_not_as_it_ran_but_not_for_those_that_stay) {
    const std::vector<LedgerRow> bad{row("5"), begun(LedgerState::failed, 1, 0),
                                     begun(LedgerState::running, 1, 0), begun(LedgerState::running, 1, 2)};
    for (const LedgerRow& one : bad) {
        const bool changed_file = one.state == LedgerState::applied;
        const Down some{{migration("3"), migration("5", 3, changed_file ? "new" : ""), migration("7")},
                        {row("3"), one, row("7")}};
        EXPECT_EQ(some.keys(version("3")), "refused: conflict") << name_of(one.state);
        EXPECT_EQ(some.keys({}), "7");
        EXPECT_EQ(some.keys(version("5")), "7");
    }
    const Down gone{{migration("3")}, {row("3"), row("5")}};
    EXPECT_EQ(gone.keys({}), "refused: conflict");
    EXPECT_TRUE(has(to_undo(gone.statuses, {}).error().message, "5: ran, but is above every file here"));
    const Down cosmetic_one{{*file_of(File::cosmetic, "5")}, {row("5")}};
    EXPECT_EQ(cosmetic_one.keys({}), "5");
}

TEST(ToUndo, ends_at_the_baseline) {
    const Down based{{migration("3"), migration("5"), migration("7")},
                     {row("5", LedgerState::baseline), row("7")}};
    EXPECT_EQ(based.keys({}), "7");
    EXPECT_EQ(based.keys(version("5")), "7");
    EXPECT_EQ(based.keys(version("3")), "refused: conflict");
    EXPECT_EQ(based.keys(version("0")), "refused: conflict");
    const Down only{{migration("5")}, {row("5", LedgerState::baseline)}};
    EXPECT_EQ(only.keys({}), "refused: conflict");
}

// ---- properties ----

/// A folder and a ledger as chance has them, consistent or not.
class Chance {
public:
    explicit Chance(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
    }

    std::string key() {
        return below(4) == 0 ? "R__" + std::string(1, "abc"[below(3)]) : std::to_string(1 + below(12));
    }

    std::vector<Migration> folder() {
        std::map<std::string, Migration> files;
        for (std::size_t count = below(9); count > 0; --count) {
            const std::string name = key();
            if (auto file = file_of(
                    std::array{File::same, File::same, File::cosmetic, File::changed, File::changed_behind}
                        .at(below(5)),
                    name)) {
                files.insert_or_assign(name, std::move(*file));
            }
        }
        std::vector<Migration> made;
        for (auto& [name, file] : files) {
            made.push_back(std::move(file));
        }
        return made;
    }

    std::vector<LedgerRow> ledger() {
        std::vector<LedgerRow> rows;
        for (std::size_t count = below(9); count > 0; --count) {
            const std::string name = below(30) == 0 ? "?" : key();
            auto cases = row_cases(name);
            if (auto& chosen = cases.at(below(2) == 0 ? 1 : below(cases.size())).row) {
                chosen->id = static_cast<std::int64_t>(rows.size()) + 1;
                rows.push_back(std::move(*chosen));
            }
        }
        return rows;
    }

private:
    std::mt19937 random_;
};

TEST(ComparisonProperty, has_every_file_and_every_row_once_in_order) {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        Chance chance(seed);
        const auto files = chance.folder();
        const auto ledger = chance.ledger();
        const auto statuses = compare(files, ledger);
        std::size_t with_file = 0;
        std::vector<std::int64_t> ids;
        for (const MigrationStatus& status : statuses) {
            with_file += status.migration != nullptr ? 1U : 0U;
            if (status.row) ids.push_back(status.row->id);
            ASSERT_TRUE(status.migration != nullptr || status.row) << seed;
        }
        ASSERT_EQ(with_file, files.size()) << seed;
        std::ranges::sort(ids);
        ASSERT_EQ(ids.size(), ledger.size()) << seed;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            ASSERT_EQ(ids[i], ledger[i].id) << seed;
        }
        auto shuffled = ledger;
        std::ranges::reverse(shuffled);
        ASSERT_EQ(shown(compare(files, shuffled)), shown(statuses))
            << seed << ": whatever the order of the rows";
    }
}

TEST(PlanProperty, leaves_nothing_to_do_once_what_it_says_is_done) {
    int runnable = 0;
    for (unsigned seed = 0; seed < 5000; ++seed) {
        Chance chance(seed);
        const auto files = chance.folder();
        auto ledger = chance.ledger();
        const Allowances allowances{.out_of_order = chance.below(2) == 0};
        const auto statuses = compare(files, ledger);
        if (!check_runnable(statuses, allowances)) {
            continue;
        }
        ++runnable;
        std::int64_t id = 100;
        for (const MigrationStatus* const status : to_apply(statuses, {}, allowances)) {
            ASSERT_NE(status->migration, nullptr);
            std::erase_if(ledger,
                          [&](const LedgerRow& old) { return status->row && old.id == status->row->id; });
            LedgerRow done = row(status->key, LedgerState::applied, ++id);
            done.checksum = status->migration->checksum;
            done.tokens_checksum = status->migration->tokens_checksum;
            ledger.push_back(done);
        }
        const auto after = compare(files, ledger);
        ASSERT_TRUE(check_runnable(after, {})) << seed << ' ' << shown(statuses) << " -> " << shown(after);
        ASSERT_TRUE(to_apply(after, {}, {.out_of_order = true}).empty()) << seed << ' ' << shown(after);
    }
    EXPECT_GT(runnable, 500);
}

TEST(PlanProperty, reaches_the_same_end_by_any_stops) {
    for (unsigned seed = 0; seed < 1000; ++seed) {
        Chance chance(seed);
        const auto files = chance.folder();
        std::vector<LedgerRow> ledger;
        const auto wanted = keys_of(to_apply(compare(files, {}), {}, {}));
        std::string ran;
        const auto apply = [&](const std::optional<Version>& to) {
            const auto statuses = compare(files, ledger);
            for (const MigrationStatus* const status : to_apply(statuses, to, {})) {
                ran += (ran.empty() ? "" : " ") + status->key;
                LedgerRow done =
                    row(status->key, LedgerState::applied, static_cast<std::int64_t>(ledger.size()));
                done.checksum = status->migration->checksum;
                ledger.push_back(done);
            }
        };
        apply(version(std::to_string(chance.below(6))));
        apply(version(std::to_string(6 + chance.below(6))));
        apply({});
        // Repeatable ones run when nothing versioned is left, which may be before the last call.
        ASSERT_EQ(ran, wanted) << seed;
        ASSERT_TRUE(to_apply(compare(files, ledger), {}, {}).empty());
    }
}

TEST(MigrationState, has_a_name_each) {
    std::map<std::string_view, int> names;
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(below_baseline); ++i) {
        ++names[name_of(static_cast<MigrationState>(i))];
    }
    EXPECT_EQ(names.size(), 13U);
    EXPECT_EQ(name_of(out_of_order), "out_of_order");
    EXPECT_EQ(name_of(in_doubt), "in_doubt");
    EXPECT_EQ(name_of(below_baseline), "below_baseline");
}

}  // namespace plan_test
}  // namespace majed::migrate
