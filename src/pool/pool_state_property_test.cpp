// SPDX-License-Identifier: Apache-2.0
// Random orders of events against PoolState, with its books checked after each, and a model of who holds what.
#include "pool/pool_state.h"

#include "driver/fake_lendable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

namespace majed::pool {
namespace pool_state_property_test {

using namespace std::chrono_literals;
using Answer = Borrowing::Answer;
using Kind = PoolJob::Kind;

struct Person {
    enum class Doing { nothing, waiting, checking, using_session };
    Waiter waiter{};
    Doing doing = Doing::nothing;
    SlotId slot = 0;
};

/// Plays people and threads; knows which sessions exist and from which time they are.
class Game {
public:
    Game(std::uint32_t seed, const PoolOptions& options)
        : state(options, seed), max_(options.max), dice_(seed) {}

    void step() {
        now += std::chrono::milliseconds(below(200) == 0 ? below(30'000) : below(30));
        using Play = void (Game::*)();
        static constexpr std::array<Play, 22> plays{
            &Game::borrow,       &Game::borrow,       &Game::borrow,       &Game::borrow,
            &Game::finish_use,   &Game::finish_use,   &Game::finish_use,   &Game::finish_use,
            &Game::work,         &Game::work,         &Game::work,         &Game::work,
            &Game::work,         &Game::collect,      &Game::collect,      &Game::collect,
            &Game::answer_check, &Game::answer_check, &Game::answer_check, &Game::give_up,
            &Game::keep_house,   &Game::order};
        (this->*plays.at(below(plays.size())))();
    }

    void check() {
        ASSERT_EQ(state.audit().value_or(""), "");
        const PoolStats stats = state.stats();
        ASSERT_EQ(stats.idle + stats.lent + stats.opening + stats.pinging + stats.closing, stats.total);
        std::set<SlotId> held;
        std::size_t waiting = 0;
        for (const Person& person : people) {
            const bool granted = person.waiter.state == WaitState::granted;
            if (person.doing == Person::Doing::waiting && person.waiter.state == WaitState::queued) ++waiting;
            if (granted || person.doing == Person::Doing::checking ||
                person.doing == Person::Doing::using_session) {
                const SlotId slot = granted ? person.waiter.slot : person.slot;
                ASSERT_TRUE(held.insert(slot).second) << "two hold one session";
                ASSERT_TRUE(exists_.contains(slot)) << "somebody holds a session that is not";
            }
        }
        ASSERT_EQ(held.size(), stats.lent);
        ASSERT_EQ(waiting, stats.waiting);
        const PoolCounters& c = stats.counters;
        std::size_t pending = 0;
        for (const Person& person : people) {
            const bool refused = person.waiter.state == WaitState::refused;
            if (person.doing == Person::Doing::checking ||
                (person.doing == Person::Doing::waiting && !refused))
                ++pending;
        }
        ASSERT_EQ(c.requests,
                  c.direct + c.waited + c.timed_out + c.rejected + c.failed + c.cancelled + pending);
    }

    /// Everybody goes home, all work succeeds.
    void come_to_rest() {
        failing_ = false;
        if (suspended_) order_resume();
        for (int round = 0; round < 2000; ++round) {
            now += 100ms;
            static_cast<void>(state.housekeep(now));
            work();
            collect();
            answer_check();
            finish_use();
            static_cast<void>(state.take_resolved());
            if (is_at_rest()) return;
        }
    }

    PoolState state;
    std::array<Person, 24> people{};
    PoolState::Time now = PoolState::Time{} + 1h;
    std::size_t lends = 0;

private:
    std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(dice_() % end); }
    bool is_at_rest() {
        const bool all_home = std::all_of(people.begin(), people.end(), [](const Person& person) {
            return person.doing == Person::Doing::nothing;
        });
        const PoolStats stats = state.stats();
        return all_home && stats.idle == stats.total && stats.idle >= stats.min && jobs_.empty() &&
               state.jobs_ready(now) == 0;
    }
    template <class Predicate>
    Person* anybody(Predicate&& predicate) {
        const std::uint32_t start = below(24);
        for (std::uint32_t i = 0; i < 24; ++i) {
            Person& person = people[(start + i) % 24];
            if (predicate(person)) return &person;
        }
        return nullptr;
    }

    void take(Person& person, const Borrowing& borrowing) {
        static_cast<void>(state.take_resolved());
        switch (borrowing.answer) {
            case Answer::lend:
                person.doing = Person::Doing::using_session;
                person.slot = borrowing.slot;
                ASSERT_EQ(exists_.at(person.slot), renewals_) << "a session older than the renewal is lent";
                ++lends;
                break;
            case Answer::validate:
                person.doing = Person::Doing::checking;
                person.slot = borrowing.slot;
                break;
            case Answer::wait:
                person.doing = Person::Doing::waiting;
                if (!person.waiter.has_waited) ADD_FAILURE();
                break;
            case Answer::refuse:
                person.doing = Person::Doing::nothing;
                break;
        }
    }
    void borrow() {
        Person* person = anybody([](const Person& p) { return p.doing == Person::Doing::nothing; });
        if (person == nullptr) return;
        if (const auto slot = state.try_borrow({"game"}, now)) {
            return take(*person, {Answer::lend, *slot, Refusal::none});
        }
        person->waiter = Waiter{};
        person->waiter.since = now;
        person->waiter.deadline = now + std::chrono::milliseconds(below(5) == 0 ? 0 : 1 + below(5000));
        take(*person, state.borrow(person->waiter, now));
    }
    void collect() {
        Person* person = anybody([](const Person& p) {
            return p.waiter.state == WaitState::granted || p.waiter.state == WaitState::refused;
        });
        if (person != nullptr) take(*person, state.collect(person->waiter, now));
    }
    void answer_check() {
        Person* person = anybody([](const Person& p) { return p.doing == Person::Doing::checking; });
        if (person != nullptr) take(*person, state.validated(person->waiter, person->slot, outcome(), now));
    }
    void give_up() {
        Person* person = anybody([](const Person& p) { return p.waiter.state == WaitState::queued; });
        if (person != nullptr && state.give_up(person->waiter)) person->doing = Person::Doing::nothing;
    }
    void keep_house() { static_cast<void>(state.housekeep(now)); }
    void finish_use() {
        Person* person = anybody([](const Person& p) { return p.doing == Person::Doing::using_session; });
        if (person == nullptr) return;
        person->doing = Person::Doing::nothing;
        if (failing_ && below(60) == 0) state.report_lost(person->slot, now);
        const ReturnedAs as = !failing_ || below(6) != 0 ? ReturnedAs::clean
                              : below(2) == 0            ? ReturnedAs::broken
                                                         : ReturnedAs::invalid;
        state.give_back(person->slot, as, now);
    }
    PingOutcome outcome() {
        if (!failing_ || below(5) != 0) return PingOutcome::alive;
        return below(3) == 0 ? PingOutcome::lost : PingOutcome::dead;
    }
    /// Begins a job or ends one that was begun, so that many are under way at once.
    void work() {
        if (below(2) == 0 || jobs_.empty()) {
            if (const auto job = state.take_job(now)) {
                jobs_.push_back({*job, renewals_});
                if (job->kind == Kind::close) {
                    ASSERT_EQ(exists_.erase(job->slot), 1U) << "closed twice";
                }
            }
            return;
        }
        const std::size_t which = below(static_cast<std::uint32_t>(jobs_.size()));
        const auto [job, renewals] = jobs_[which];
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(which));
        if (job.kind == Kind::close) return state.closed(job.slot);
        if (job.kind == Kind::ping) return state.pinged(job.slot, outcome(), now);
        if (failing_ && below(3) == 0) {
            const auto failure = below(40) == 0 ? FailureClass::refused_login : FailureClass::lost;
            return state.open_failed(job.slot, driver::fake_failure(failure), now);
        }
        ASSERT_TRUE(exists_.emplace(job.slot, renewals).second);
        state.opened(job.slot, now);
    }
    void order() {
        switch (below(30)) {
            case 0:
                state.renew(now);
                ++renewals_;
                break;
            case 1:
                suspended_ = true;
                state.suspend();
                break;
            case 2:
            case 3:
            case 4:
                order_resume();
                break;
            case 5: {
                const std::size_t max = 1 + below(static_cast<std::uint32_t>(max_) + 4);
                state.resize(std::min<std::size_t>(below(4), max), max, now);
                break;
            }
            default:
                break;
        }
    }
    void order_resume() {
        suspended_ = false;
        state.resume(now);
    }

    std::size_t max_;
    std::mt19937 dice_;
    std::map<SlotId, std::uint64_t>
        exists_;  ///< Sessions, by how often the pool had been renewed when they began.
    std::vector<std::pair<PoolJob, std::uint64_t>> jobs_;
    std::uint64_t renewals_ = 0;
    bool failing_ = true;
    bool suspended_ = false;
};

TEST(PoolStateProperty, no_order_of_events_loses_a_place_or_lends_a_session_twice_or_out_of_time) {
    for (std::uint32_t seed = 1; seed <= 24; ++seed) {
        PoolOptions options;
        options.min = seed % 4;
        options.max = 3 + seed % 6;
        options.max_opening = 1 + seed % 3;
        options.max_waiting = 4 + seed % 12;
        options.keepalive = 30s;
        options.idle_timeout = 20s;
        options.max_lifetime = 60s;
        options.leak_threshold = 2s;
        options.login_retry_max = 5s;
        options.retry_max = 1s;
        Game game(seed, options);
        for (int turn = 0; turn < 10'000; ++turn) {
            game.step();
            game.check();
            if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << turn;
        }
        EXPECT_GT(game.lends, 300U) << "the game is worth nothing when nobody is served, seed " << seed;
        game.come_to_rest();
        const PoolStats stats = game.state.stats();
        EXPECT_EQ(stats.idle, stats.total) << "seed " << seed;
        EXPECT_GE(stats.idle, stats.min);
        EXPECT_LE(stats.total, stats.max);
        EXPECT_EQ(stats.leaked, 0U);
    }
}

TEST(PoolStateProperty, waiters_are_served_in_the_order_they_came_whatever_is_returned_when) {
    PoolOptions options;
    options.min = 0;
    options.max = 3;
    options.max_opening = 2;
    std::mt19937 dice(11);
    PoolState state(options, 1);
    PoolState::Time now = PoolState::Time{} + 1h;
    std::vector<std::unique_ptr<Waiter>> queue;
    std::vector<SlotId> lent;

    std::size_t served = 0;
    for (int turn = 0; turn < 30'000; ++turn) {
        now += 1ms;
        if (dice() % 3 == 0 && queue.size() < 20) {
            auto waiter = std::make_unique<Waiter>();
            waiter->since = now;
            waiter->deadline = now + 1h;
            const Borrowing borrowing = state.borrow(*waiter, now);
            if (borrowing.answer == Answer::lend) {
                ASSERT_TRUE(queue.empty()) << "a newcomer went before those who wait";
                lent.push_back(borrowing.slot);
            } else {
                queue.push_back(std::move(waiter));
            }
        } else if (dice() % 2 == 0 && !lent.empty()) {
            const std::size_t which = dice() % lent.size();
            state.give_back(lent[which], dice() % 5 == 0 ? ReturnedAs::broken : ReturnedAs::clean, now);
            lent.erase(lent.begin() + static_cast<std::ptrdiff_t>(which));
        } else if (dice() % 9 == 0 && !queue.empty()) {
            const std::size_t which = dice() % queue.size();
            if (state.give_up(*queue[which])) queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(which));
        } else if (const auto job = state.take_job(now)) {
            if (job->kind == Kind::open) state.opened(job->slot, now);
            if (job->kind == Kind::close) state.closed(job->slot);
        }
        static_cast<void>(state.take_resolved());
        // Whoever has been served stands in front of whoever has not.
        while (!queue.empty() && queue.front()->state == WaitState::granted) {
            const Borrowing borrowing = state.collect(*queue.front(), now);
            ASSERT_EQ(borrowing.answer, Answer::lend);
            lent.push_back(borrowing.slot);
            queue.erase(queue.begin());
            ++served;
        }
        for (const auto& waiter : queue) ASSERT_EQ(waiter->state, WaitState::queued) << "served out of turn";
        ASSERT_EQ(state.audit().value_or(""), "");
    }
    EXPECT_GT(served, 1000U);
}

}  // namespace pool_state_property_test
}  // namespace majed::pool
