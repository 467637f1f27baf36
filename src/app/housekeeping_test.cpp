// SPDX-License-Identifier: Apache-2.0
#include "app/housekeeping.h"

#include <gtest/gtest.h>

#include <future>
#include <string>

namespace majed::app {
namespace {

using namespace std::chrono_literals;

/// Jobs that write their letter, by a clock of the test's own.
struct Chores {
    Job job(std::string letter, std::chrono::milliseconds every) {
        return {letter, every, [this, letter](const Stopping&) -> Result<void> {
                    done += letter;
                    now += 1min;
                    return {};
                }};
    }
    std::function<Deadline()> clock() {
        return [this] { return now; };
    }
    Housekeeping::Failed failed() {
        return [this](const Job& job, const Error& error) { done += job.name + "!" + error.message; };
    }
    std::string done;
    Deadline now{10h};
};

TEST(Housekeeping, runs_each_job_at_the_start_and_then_when_its_time_has_come) {
    Chores chores;
    Housekeeping keeping({chores.job("a", 1h), chores.job("b", 10min)}, chores.failed());
    EXPECT_EQ(keeping.run_due(chores.clock()), Deadline(10h + 12min)) << "ten minutes after b was done";
    EXPECT_EQ(chores.done, "ab");
    EXPECT_EQ(keeping.run_due(chores.clock()), Deadline(10h + 12min));
    EXPECT_EQ(chores.done, "ab");
    chores.now = Deadline(10h + 12min);
    EXPECT_EQ(keeping.run_due(chores.clock()), Deadline(10h + 23min));
    EXPECT_EQ(chores.done, "abb");
    chores.now = Deadline(12h);
    EXPECT_EQ(keeping.run_due(chores.clock()), Deadline(12h + 12min));
    EXPECT_EQ(chores.done, "abbab") << "what was missed is not made up for";
}

TEST(Housekeeping, tells_of_a_failure_once_and_goes_on) {
    Chores chores;
    std::string trouble = "disk";
    const Job bad{"bad", 1h, [&trouble](const Stopping&) -> Result<void> {
                      if (trouble.empty()) return {};
                      return Error{ErrorCode::unavailable, trouble};
                  }};
    Housekeeping keeping({bad, chores.job("a", 1h)}, chores.failed());
    EXPECT_EQ(keeping.run_due(chores.clock()), Deadline(11h));
    EXPECT_EQ(chores.done, "bad!diska");
    chores.now += 1h;
    static_cast<void>(keeping.run_due(chores.clock()));
    EXPECT_EQ(chores.done, "bad!diskaa");
    for (const char* next : {"lock", "", "lock"}) {
        trouble = next;
        chores.now += 1h;
        static_cast<void>(keeping.run_due(chores.clock()));
    }
    EXPECT_EQ(chores.done, "bad!diskaabad!lockaabad!locka");
}

TEST(Housekeeping, tells_the_job_under_way_to_stop_and_begins_no_other) {
    std::promise<void> begun;
    bool other = false;
    const Job endless{"endless", 1h, [&begun](const Stopping& stopping) -> Result<void> {
                          begun.set_value();
                          while (!stopping()) std::this_thread::yield();
                          return {};
                      }};
    const Job next{"next", 1h, [&other](const Stopping&) -> Result<void> {
                       other = true;
                       return {};
                   }};
    Housekeeping keeping({endless, next}, [](const Job&, const Error&) {});
    ASSERT_TRUE(keeping.start());
    begun.get_future().wait();
    keeping.stop();
    keeping.stop();
    EXPECT_FALSE(other);
}

TEST(Housekeeping, ends_while_it_waits_and_without_having_begun) {
    std::promise<void> ran;
    const Job once{"once", 24h, [&ran](const Stopping&) -> Result<void> {
                       ran.set_value();
                       return {};
                   }};
    {
        Housekeeping keeping({once}, [](const Job&, const Error&) {});
        ASSERT_TRUE(keeping.start());
        ran.get_future().wait();
    }
    const Housekeeping idle({once}, [](const Job&, const Error&) {});
}

}  // namespace
}  // namespace majed::app
