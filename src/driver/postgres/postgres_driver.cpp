// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/postgres_driver.h"

#include "driver/postgres/blocking_calls.h"
#include "driver/postgres/governed_session.h"
#include "driver/postgres/login.h"
#include "driver/postgres/login_plan.h"
#include "driver/postgres/postgres_connection.h"
#include "driver/postgres/schema_reader.h"

#include <cstdlib>
#include <utility>

namespace majed::driver::postgres {

namespace {

class PostgresDriver final : public driver::Driver {
public:
    PostgresDriver(Target target, LoginPlan plan) : target_(std::move(target)), plan_(std::move(plan)) {}

    std::string_view name() const noexcept override { return "postgresql"; }
    bool governs() const noexcept override { return true; }

    Result<std::unique_ptr<Connection>> open(Deadline deadline) override {
        MAJED_TRY_ASSIGN(NativeConnection native, log_in(plan_, target_.password, lookups_, deadline));
        MAJED_TRY_ASSIGN(auto connection,
                         PostgresConnection::create(std::move(native), cancels_, target_.access, target_));
        return std::unique_ptr<Connection>(std::move(connection));
    }

    Result<std::unique_ptr<Session>> open_session(std::shared_ptr<const GuardSet> guard,
                                                  Deadline deadline) override {
        return open_for(GovernedSession::Statements::queries, std::move(guard), deadline);
    }

    Result<std::unique_ptr<Session>> open_writing_session(std::shared_ptr<const GuardSet> guard,
                                                          Deadline deadline) override {
        if (target_.access == Access::read_only) {
            return Error{.code = ErrorCode::unsupported,
                         .message = "the source is opened for reading only",
                         .failure = FailureClass::read_only};
        }
        return open_for(GovernedSession::Statements::writes, std::move(guard), deadline);
    }
    bool governs_writes() const noexcept override { return true; }

    Result<SchemaDescription> read_schema(Connection& connection, Deadline deadline) override {
        return postgres::read_schema(connection, deadline);
    }

    Result<std::optional<std::int64_t>> schema_version(Connection& connection, Deadline deadline) override {
        MAJED_TRY_ASSIGN(const std::int64_t version, read_schema_version(connection, deadline));
        return std::optional(version);
    }

private:
    Result<std::unique_ptr<Session>> open_for(GovernedSession::Statements statements,
                                              std::shared_ptr<const GuardSet> guard, Deadline deadline) {
        MAJED_TRY_ASSIGN(NativeConnection native, log_in(plan_, target_.password, lookups_, deadline));
        MAJED_TRY_ASSIGN(auto session, GovernedSession::open(std::move(native), cancels_, target_,
                                                             {std::move(guard), statements}, deadline));
        return std::unique_ptr<Session>(std::move(session));
    }

    Target target_;
    LoginPlan plan_;
    /// A lookup that hangs must not keep a cancel request waiting.
    BlockingCalls lookups_{{.threads = 2, .waiting = 64}};
    BlockingCalls cancels_{{.threads = 4, .waiting = 256}};
};

}  // namespace

Result<std::unique_ptr<driver::Driver>> open_driver(Target target) {
    MAJED_TRY_ASSIGN(LoginPlan plan, LoginPlan::read(target, [](const char* name) -> const char* {
                         return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody here writes it.
                     }));
    return std::unique_ptr<driver::Driver>(
        std::make_unique<PostgresDriver>(std::move(target), std::move(plan)));
}

}  // namespace majed::driver::postgres
