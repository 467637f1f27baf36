/// A test on one engine, and words for what the tests say again and again.
///
/// Why      See migration_place.h.
/// Life     One test.
/// Threads  The test's.
/// Not here The tests (*_test.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migration/migration_place.h"

#include <gtest/gtest.h>

#include <sys/types.h>
#include <memory>
#include <string>
#include <vector>

namespace majed::migration {

template <class T>
[[nodiscard]] testing::AssertionResult succeeds(const Result<T>& result) {
    return result ? testing::AssertionSuccess()
                  : testing::AssertionFailure() << result.error().message << "\n"
                                                << result.error().hint;
}

[[nodiscard]] inline testing::AssertionResult succeeds(const Result<migrate::RunReport>& result) {
    if (!result) {
        return testing::AssertionFailure() << result.error().message << "\n" << result.error().hint;
    }
    const Error* const failure = result->failure();
    return failure == nullptr ? testing::AssertionSuccess()
                              : testing::AssertionFailure() << failure->message << "\n"
                                                            << failure->hint;
}

/// `001 002`
[[nodiscard]] std::string keys_of(const migrate::RunReport& report);
/// `001=applied 002=pending`
[[nodiscard]] std::string states_of(migrate::Migrator& migrator);
[[nodiscard]] Result<migrate::RunReport> up(migrate::Migrator& migrator,
                                            const migrate::UpOptions& options = {});
[[nodiscard]] Result<migrate::RunReport> down(migrate::Migrator& migrator,
                                              const migrate::DownOptions& options = {});

/// A process of majed_migration_runner; see migrate_main.cpp.
[[nodiscard]] pid_t start_runner(const Place& place, const std::string& direction, int kill_before);
/// As waitpid gives it.
[[nodiscard]] int wait_for_end(pid_t process);
[[nodiscard]] bool was_killed(int status);

/// A statement that cannot be in a transaction, and leaves something to see.
[[nodiscard]] std::string outside_statement(const Place& place, int number);

class Engine : public testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        std::string missing;
        place_ = Place::make(GetParam(), missing);
        if (place_ == nullptr) {
            GTEST_SKIP() << missing;
        }
    }
    [[nodiscard]] Place& place() { return *place_; }
    [[nodiscard]] bool is_sqlite() const { return place_->dialect() == migrate::Dialect::sqlite; }

private:
    std::unique_ptr<Place> place_;
};

}  // namespace majed::migration
