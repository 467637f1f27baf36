// SPDX-License-Identifier: Apache-2.0
#include "pool/breaker_state.h"

#include "pool/breaker_fixture.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace majed::pool {
namespace breaker_state_test {

using namespace std::chrono_literals;

constexpr std::array every_status{BreakerStatus::closed,    BreakerStatus::open,
                                  BreakerStatus::half_open, BreakerStatus::forced_open,
                                  BreakerStatus::disabled,  BreakerStatus::login_refused};

BreakerOptions table_options() {
    BreakerOptions options = plain_options();
    options.failure_threshold = 1;
    options.half_open_permits = 2;
    options.half_open_max_age = 10min;
    options.slow_call_duration = 1s;
    return options;
}

/// A machine in a status, with one call under way where the status lets one.
struct Scene {
    explicit Scene(BreakerStatus status) : machine(table_options()) {
        stale = *machine.admit();
        switch (status) {
            case BreakerStatus::closed:
                machine.keep(machine.state.reset(machine.now));  // `stale` is of an earlier generation.
                break;
            case BreakerStatus::open:
                machine.open();
                break;
            case BreakerStatus::half_open:
                machine.half_open();
                break;
            case BreakerStatus::forced_open:
                machine.keep(machine.state.force_open(machine.now));
                break;
            case BreakerStatus::disabled:
                machine.keep(machine.state.disable(machine.now));
                break;
            case BreakerStatus::login_refused:
                machine.fail(FailureClass::refused_login);
                machine.pass(60s);
                break;
        }
        under_way = machine.admit().value_or(stale);
        machine.told.clear();
    }

    BreakerMachine machine;
    std::uint64_t stale = 0;
    std::uint64_t under_way = 0;
};

enum class Happening {
    admit_at_once,
    admit_after_the_wait,
    admit_after_the_age,
    success,
    slow_success,
    lost,
    exhausted,
    in_doubt,
    timeout,
    refused_login,
    user_error,
    contention,
    read_only,
    cancelled,
    failure_of_ours,
    given_back,
    late_success,
    late_failure,
    late_refusal,
    force_open,
    disable,
    reset,
};

void happen(Scene& scene, Happening what) {
    BreakerMachine& machine = scene.machine;
    switch (what) {
        case Happening::admit_after_the_age:
            machine.pass(10min);
            machine.admit();
            return;
        case Happening::admit_after_the_wait:
            machine.pass(60s);
            machine.admit();
            return;
        case Happening::admit_at_once:
            machine.admit();
            return;
        case Happening::success:
            return machine.record(scene.under_way, success_after(999ms));
        case Happening::slow_success:
            return machine.record(scene.under_way, success_after(1s));
        case Happening::lost:
            return machine.record(scene.under_way, end_of(FailureClass::lost));
        case Happening::exhausted:
            return machine.record(scene.under_way, end_of(FailureClass::exhausted));
        case Happening::in_doubt:
            return machine.record(scene.under_way, end_of(FailureClass::in_doubt));
        case Happening::timeout:
            return machine.record(scene.under_way, end_of(FailureClass::timeout));
        case Happening::refused_login:
            return machine.record(scene.under_way, end_of(FailureClass::refused_login));
        case Happening::user_error:
            return machine.record(scene.under_way, end_of(FailureClass::user_error));
        case Happening::contention:
            return machine.record(scene.under_way, end_of(FailureClass::contention));
        case Happening::read_only:
            return machine.record(scene.under_way, end_of(FailureClass::read_only));
        case Happening::cancelled:
            return machine.record(scene.under_way, end_of(FailureClass::cancelled));
        case Happening::failure_of_ours:
            return machine.record(scene.under_way, end_of(FailureClass::none));
        case Happening::given_back:
            return machine.record(scene.under_way, {});
        case Happening::late_success:
            return machine.record(scene.stale, success_after());
        case Happening::late_failure:
            return machine.record(scene.stale, end_of(FailureClass::lost));
        case Happening::late_refusal:
            return machine.record(scene.stale, end_of(FailureClass::refused_login));
        case Happening::force_open:
            return machine.keep(machine.state.force_open(machine.now));
        case Happening::disable:
            return machine.keep(machine.state.disable(machine.now));
        case Happening::reset:
            return machine.keep(machine.state.reset(machine.now));
    }
}

struct Row {
    Happening what;
    std::string_view after;     ///< One letter for each of every_status: Closed, Open, Half open, Forced, ...
    std::string_view admitted;  ///< y or n likewise; empty where nothing asks to be admitted.
};

// In the columns open and forced_open nothing is under way: a result there is one of an earlier generation.
constexpr std::array table{
    //                                  C O H F D L
    Row{Happening::admit_at_once, /*       */ "COHFDL", "ynynyn"},
    Row{Happening::admit_after_the_wait, /**/ "CHHFDL", "yyynyn"},
    Row{Happening::admit_after_the_age, /* */ "CHOFDL", "yynnyn"},
    Row{Happening::success, /*             */ "COHFDH", ""},
    Row{Happening::slow_success, /*        */ "COOFDH", ""},
    Row{Happening::lost, /*                */ "OOOFDO", ""},
    Row{Happening::exhausted, /*           */ "OOOFDO", ""},
    Row{Happening::in_doubt, /*            */ "OOOFDO", ""},
    Row{Happening::timeout, /*             */ "COOFDH", ""},
    Row{Happening::refused_login, /*       */ "LOLFDL", ""},
    Row{Happening::user_error, /*          */ "COHFDH", ""},
    Row{Happening::contention, /*          */ "COHFDH", ""},
    Row{Happening::read_only, /*           */ "COHFDH", ""},
    Row{Happening::cancelled, /*           */ "COHFDL", ""},
    Row{Happening::failure_of_ours, /*     */ "COHFDL", ""},
    Row{Happening::given_back, /*          */ "COHFDL", ""},
    Row{Happening::late_success, /*        */ "COHFDL", ""},
    Row{Happening::late_failure, /*        */ "COHFDL", ""},
    Row{Happening::late_refusal, /*        */ "COHFDL", ""},
    Row{Happening::force_open, /*          */ "FFFFFF", ""},
    Row{Happening::disable, /*             */ "DDDDDD", ""},
    Row{Happening::reset, /*               */ "CCCCCC", ""},
};
static_assert(table.size() == static_cast<std::size_t>(Happening::reset) + 1);

BreakerStatus status_of(char letter) {
    return every_status.at(std::string_view("COHFDL").find(letter));
}

void expect_one_event_per_transition(const BreakerMachine& machine, BreakerStatus before,
                                     BreakerStatus after) {
    ASSERT_EQ(machine.transitions(), before == after ? 0U : 1U);
    for (const BreakerEvent& event : machine.told) {
        if (event.kind == BreakerEventKind::transition) {
            EXPECT_EQ(event.from, before);
            EXPECT_EQ(event.to, after);
            EXPECT_EQ(event.at, machine.now);
        } else {
            EXPECT_EQ(event.from, event.to);
        }
    }
}

TEST(BreakerTable, holds_in_every_cell) {
    for (const Row& row : table) {
        for (std::size_t column = 0; column < every_status.size(); ++column) {
            const BreakerStatus before = every_status.at(column);
            const BreakerStatus after = status_of(row.after.at(column));
            SCOPED_TRACE(std::string(name_of(before)) + " x " + std::to_string(static_cast<int>(row.what)));
            Scene scene(before);
            ASSERT_EQ(scene.machine.state.status(), before);
            happen(scene, row.what);
            EXPECT_EQ(scene.machine.state.status(), after);
            expect_one_event_per_transition(scene.machine, before, after);
            if (!row.admitted.empty()) {
                EXPECT_EQ(scene.machine.last.admitted, row.admitted.at(column) == 'y');
                EXPECT_EQ(scene.machine.last.retry_after > 0ms, row.admitted.at(column) == 'n');
            }
        }
    }
}

TEST(BreakerTable, of_openings_in_the_background_is_that_of_the_permits) {
    for (const BreakerStatus status : every_status) {
        Scene scene(status);
        const bool expected = status != BreakerStatus::open && status != BreakerStatus::forced_open;
        EXPECT_EQ(scene.machine.state.opening_allowed(scene.machine.now), expected) << name_of(status);
    }
    for (const BreakerStatus status : {BreakerStatus::half_open, BreakerStatus::login_refused}) {
        Scene scene(status);
        EXPECT_FALSE(scene.machine.state.opening_allowed(scene.machine.now + 10min)) << "overdue";
        scene.machine.record(scene.under_way, {});
        EXPECT_FALSE(scene.machine.state.opening_allowed(scene.machine.now)) << name_of(status);
    }
}

TEST(BreakerTable, of_what_counts_is_decided_by_the_class_of_the_failure) {
    struct Judged {
        FailureClass failure;
        CallVerdict reads;
        CallVerdict writes;
    };
    constexpr std::array rows{
        Judged{FailureClass::none, CallVerdict::silent, CallVerdict::silent},
        Judged{FailureClass::lost, CallVerdict::failure, CallVerdict::failure},
        Judged{FailureClass::refused_login, CallVerdict::refused_login, CallVerdict::refused_login},
        Judged{FailureClass::exhausted, CallVerdict::failure, CallVerdict::failure},
        Judged{FailureClass::timeout, CallVerdict::slow, CallVerdict::slow},
        Judged{FailureClass::cancelled, CallVerdict::silent, CallVerdict::silent},
        Judged{FailureClass::contention, CallVerdict::answered, CallVerdict::answered},
        Judged{FailureClass::user_error, CallVerdict::answered, CallVerdict::answered},
        Judged{FailureClass::read_only, CallVerdict::answered, CallVerdict::failure},
        Judged{FailureClass::in_doubt, CallVerdict::failure, CallVerdict::failure},
    };
    static_assert(rows.size() == static_cast<std::size_t>(FailureClass::in_doubt) + 1);
    for (const Judged& row : rows) {
        const Error error{.code = ErrorCode::unavailable, .message = {}, .failure = row.failure};
        EXPECT_EQ(verdict_of(error, TargetUse::reads), row.reads) << name_of(row.failure);
        EXPECT_EQ(verdict_of(error, TargetUse::writes), row.writes) << name_of(row.failure);
    }
}

TEST(BreakerTable, of_what_counts_leaves_out_our_own_limits) {
    for (const ErrorCode code : {ErrorCode::pool_timeout, ErrorCode::overloaded, ErrorCode::rate_limited,
                                 ErrorCode::denied, ErrorCode::parse_error, ErrorCode::internal}) {
        EXPECT_EQ(verdict_of(Error{code, ""}, TargetUse::writes), CallVerdict::silent) << traits(code).name;
    }
    // A pool names the last failed opening as the cause of the wait; that opening was counted by itself.
    const Error waited{.code = ErrorCode::pool_timeout, .message = {}, .failure = FailureClass::lost};
    EXPECT_EQ(verdict_of(waited, TargetUse::writes), CallVerdict::silent);
}

/// Everything that can happen, in any order, with calls that end long after their state has gone.
class RandomLife {
public:
    RandomLife(const BreakerOptions& options, unsigned seed)
        : options_(options), machine_(options, 0.5), random_(seed) {}

    void step() {
        machine_.told.clear();
        const BreakerStatus before = machine_.state.status();
        act();
        check_transitions(before);
        check_permits();
    }

    void end_all() {
        while (!out_.empty()) {
            finish_one();
        }
        EXPECT_EQ(machine_.snapshot().permits_out, 0U);
        const BreakerCounters counters = machine_.snapshot().counters;
        EXPECT_EQ(counters.admitted, ended_);
        EXPECT_EQ(counters.rejected, turned_away_);
    }

private:
    void act() {
        const auto dice = random_() % 1000;
        if (dice < 450) {
            ask();
        } else if (dice < 900) {
            finish_one();
        } else if (dice < 990) {
            machine_.pass(std::chrono::milliseconds(random_() % (dice < 920 ? 200000 : 300)));
        } else if (dice < 993) {
            machine_.keep(machine_.state.force_open(machine_.now));
        } else if (dice < 995) {
            machine_.keep(machine_.state.disable(machine_.now));
        } else {
            machine_.keep(machine_.state.reset(machine_.now));
        }
    }

    void ask() {
        const auto view = machine_.snapshot();
        if (const auto permit = machine_.admit()) {
            EXPECT_EQ(view.retry_after.value_or(0ms), 0ms) << "let through before the wait was over";
            EXPECT_NE(machine_.state.status(), BreakerStatus::forced_open);
            EXPECT_NE(machine_.state.status(), BreakerStatus::open);
            out_.push_back(*permit);
        } else {
            EXPECT_GT(machine_.last.retry_after, 0ms);
            ++turned_away_;
        }
    }

    void finish_one() {
        if (out_.empty()) {
            return;
        }
        const std::size_t which = random_() % out_.size();
        const std::uint64_t generation = out_[which];
        out_.erase(out_.begin() + static_cast<std::ptrdiff_t>(which));
        const auto duration = std::chrono::milliseconds(random_() % 1500);
        const auto kind = random_() % 20;
        machine_.record(generation, kind < 10 ? success_after(duration)
                                              : end_of(static_cast<FailureClass>(kind - 10), duration));
        ++ended_;
    }

    void check_transitions(BreakerStatus at) {
        for (const BreakerEvent& event : machine_.told) {
            EXPECT_EQ(event.from == event.to, event.kind != BreakerEventKind::transition);
            if (event.kind == BreakerEventKind::transition) {
                EXPECT_EQ(event.from, at) << "a transition was told twice, or not at all";
                at = event.to;
            }
        }
        EXPECT_EQ(machine_.state.status(), at) << "a transition was not told";
    }

    void check_permits() {
        const auto view = machine_.snapshot();
        const auto mine = std::count(out_.begin(), out_.end(), view.generation);
        EXPECT_EQ(static_cast<std::uint64_t>(mine), view.permits_out);
        if (view.status == BreakerStatus::half_open) {
            EXPECT_LE(view.permits_out, options_.half_open_permits);
        }
        if (view.status == BreakerStatus::login_refused) {
            EXPECT_LE(view.permits_out, 1U);
        }
        if (view.status == BreakerStatus::open || view.status == BreakerStatus::forced_open) {
            EXPECT_EQ(view.permits_out, 0U);
            EXPECT_FALSE(machine_.state.opening_allowed(machine_.now));
        }
    }

    BreakerOptions options_;
    BreakerMachine machine_;
    std::mt19937 random_;
    std::vector<std::uint64_t> out_;
    std::uint64_t ended_ = 0;
    std::uint64_t turned_away_ = 0;
};

TEST(BreakerLife, keeps_its_promises_whatever_happens_in_which_order) {
    for (unsigned seed = 1; seed <= 60; ++seed) {
        BreakerOptions options;
        options.failure_threshold = seed % 4;
        options.half_open_permits = 1 + seed % 3;
        options.successes_to_close = 1 + seed % 5;
        options.window =
            options.failure_threshold == 0 || seed % 2 == 0 ? WindowKind::calls : WindowKind::none;
        options.window = seed % 3 == 0 ? WindowKind::time : options.window;
        options.window_calls = 10;
        options.minimum_calls = 5;
        options.slow_call_duration = std::chrono::milliseconds(seed % 2 == 0 ? 1000 : 0);
        if (!check(options)) {
            options.failure_threshold = 1;
        }
        SCOPED_TRACE(seed);
        RandomLife life(options, seed);
        for (int step = 0; step < 2000 && !testing::Test::HasFailure(); ++step) {
            life.step();
        }
        life.end_all();
    }
}

}  // namespace breaker_state_test
}  // namespace majed::pool
