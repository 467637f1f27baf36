// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/oracle_driver.h"

#include "driver/oracle/abandoned_sessions.h"
#include "driver/oracle/catalog_reader.h"
#include "driver/oracle/client_library.h"
#include "driver/oracle/connect_target.h"
#include "driver/oracle/governed_session.h"
#include "driver/oracle/oracle_connection.h"
#include "driver/oracle/session_settings.h"
#include "driver/oracle/watchdog.h"

#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace majed::driver::oracle {

namespace {

/// As many threads may hang in an opening at a time; the pool asks for fewer.
constexpr std::size_t most_openings = 64;
constexpr std::size_t longest_program = 30;
constexpr std::chrono::milliseconds farewell{200};

/// What the call that connects reads: it may outlive the one who asked for it.
class Login final : public CallState {
public:
    std::string connect_string;
    std::string user;
    Secret password;
    std::string connection_class;
    bool pooled = false;
    Purity purity = Purity::fresh;
    std::uint32_t cached_statements = 0;

    [[nodiscard]] CallAnswer connect(PhysicalSession& session) const {
        const OdpiFunctions& odpi = session.odpi();
        dpiCommonCreateParams common{};
        dpiConnCreateParams parameters{};
        if (auto failed = session.answer(odpi.init_common(session.library().context(), &common))) {
            return failed;
        }
        if (auto failed = session.answer(odpi.init_connection(session.library().context(), &parameters))) {
            return failed;
        }
        common.createMode = DPI_MODE_CREATE_THREADED;
        common.stmtCacheSize = cached_statements;
        if (pooled) {
            parameters.connectionClass = connection_class.data();
            parameters.connectionClassLength = static_cast<std::uint32_t>(connection_class.size());
            parameters.purity = purity == Purity::fresh ? DPI_PURITY_NEW : DPI_PURITY_SELF;
        }
        dpiConn* made = nullptr;
        const int status =
            odpi.connect(session.library().context(), user.data(), static_cast<std::uint32_t>(user.size()),
                         password.reveal().data(), static_cast<std::uint32_t>(password.reveal().size()),
                         connect_string.data(), static_cast<std::uint32_t>(connect_string.size()), &common,
                         &parameters, &made);
        if (auto failed = session.answer(status)) {
            return failed;
        }
        session.set_connection(made);
        return std::nullopt;
    }
};

class OracleDriver final : public driver::Driver {
public:
    OracleDriver(driver::Target target, ConnectTarget where, std::unique_ptr<Watchdog> watchdog)
        : target_(std::move(target)),
          where_(std::move(where)),
          watchdog_(std::move(watchdog)),
          abandoned_(std::make_unique<AbandonedSessions>()) {}

    OracleDriver(const OracleDriver&) = delete;
    OracleDriver& operator=(const OracleDriver&) = delete;
    ~OracleDriver() override {
        // A forked child has no watchdog thread to wait for; a watchdog that hangs in a break cannot be ended.
        if (getpid() != process_) {
            static_cast<void>(watchdog_.release());
            static_cast<void>(abandoned_.release());
            return;
        }
        const bool all_left = abandoned_->collect() == 0;
        if (!watchdog_->stop(deadline_after(farewell)) || !all_left) {
            static_cast<void>(watchdog_.release());
        }
    }

    [[nodiscard]] std::string_view name() const noexcept override { return "oracle"; }

    [[nodiscard]] Result<std::unique_ptr<Connection>> open(Deadline deadline) override {
        MAJED_TRY_ASSIGN(auto connection, open_for(target_.access, {}, deadline));
        return std::unique_ptr<Connection>(std::move(connection));
    }

    [[nodiscard]] bool governs() const noexcept override { return true; }

    /// What runs there only reads, whatever the source is configured for.
    [[nodiscard]] Result<std::unique_ptr<Session>> open_session(std::shared_ptr<const GuardSet> guard,
                                                                Deadline deadline) override {
        if (guard == nullptr) {
            return Error{ErrorCode::internal, "no guard is installed"};
        }
        MAJED_TRY_ASSIGN(auto connection, open_for(Access::read_only, governed_settings(*guard), deadline));
        return std::unique_ptr<Session>(std::make_unique<GovernedSession>(
            std::move(connection), std::move(guard), GovernedSession::Statements::queries));
    }

    [[nodiscard]] Result<std::unique_ptr<Session>> open_writing_session(std::shared_ptr<const GuardSet> guard,
                                                                        Deadline deadline) override {
        if (guard == nullptr) {
            return Error{ErrorCode::internal, "no guard is installed"};
        }
        if (target_.access == Access::read_only) {
            return Error{.code = ErrorCode::unsupported,
                         .message = "the source is opened for reading only",
                         .failure = FailureClass::read_only};
        }
        MAJED_TRY_ASSIGN(auto connection, open_for(Access::read_write, governed_settings(*guard), deadline));
        return std::unique_ptr<Session>(std::make_unique<GovernedSession>(
            std::move(connection), std::move(guard), GovernedSession::Statements::writes));
    }
    [[nodiscard]] bool governs_writes() const noexcept override { return true; }

    [[nodiscard]] Result<SchemaDescription> read_schema(Connection& connection, Deadline deadline) override {
        return read_catalog(connection, deadline);
    }

    [[nodiscard]] Result<std::optional<std::int64_t>> schema_version(Connection& connection,
                                                                     Deadline deadline) override {
        return read_catalog_version(connection, deadline);
    }

    [[nodiscard]] static std::string program_of(const driver::Target& target) {
        return (target.application.empty() ? "majed" : target.application).substr(0, longest_program - 8) +
               " : " MAJED_VERSION;
    }

private:
    /// With `settings` behind those of every session, one statement each.
    [[nodiscard]] Result<std::unique_ptr<OracleConnection>> open_for(Access access,
                                                                     const std::vector<std::string>& settings,
                                                                     Deadline deadline) {
        MAJED_TRY_ASSIGN(const ClientLibrary* const library,
                         ClientLibrary::load(where_.client_library, program_of(target_)));
        if (abandoned_->collect() >= AbandonedSessions::most || openings_ >= most_openings) {
            return Error{.code = ErrorCode::unavailable,
                         .message = "too many calls to this database never came back: none is added",
                         .failure = FailureClass::lost};
        }
        const Opening opening(openings_);
        MAJED_TRY_ASSIGN(auto session, PhysicalSession::create(*library, *watchdog_));
        const auto connected = connect(*session, settings, deadline);
        if (connected) {
            return std::make_unique<OracleConnection>(std::move(session), *abandoned_, access);
        }
        if (!session->close()) {
            abandoned_->take(std::move(session));
        }
        return connected.error();
    }

    class Opening {
    public:
        explicit Opening(std::atomic<std::size_t>& count) : count_(count) { ++count_; }
        ~Opening() { --count_; }
        Opening(const Opening&) = delete;
        Opening& operator=(const Opening&) = delete;

    private:
        std::atomic<std::size_t>& count_;
    };

    [[nodiscard]] Result<void> connect(PhysicalSession& session, const std::vector<std::string>& settings,
                                       Deadline deadline) const {
        auto login = std::make_unique<Login>();
        const auto left = deadline - SteadyClock::now();
        login->connect_string = where_.connect_string(left);
        login->user = target_.user;
        login->password = Secret(std::string(target_.password.reveal()));
        login->connection_class = where_.connection_class;
        login->pooled = where_.pooled;
        login->purity = where_.purity;
        login->cached_statements =
            static_cast<std::uint32_t>(std::min<std::size_t>(target_.cached_statements, 10'000));
        const Login* const held = login.get();
        session.hold(std::move(login));
        session.begin_operation();
        auto done = session.call(deadline, [&session, held] { return held->connect(session); });
        if (done) {
            done = prepare_session(session, settings, deadline);
        }
        session.end_operation();
        if (!session.is_stuck()) {
            session.drop();
        }
        return done;
    }

    [[nodiscard]] Result<void> prepare_session(PhysicalSession& session,
                                               const std::vector<std::string>& settings,
                                               Deadline deadline) const {
        if (where_.pooled && where_.purity == Purity::reused) {
            MAJED_TRY(run(session, reset_packages, deadline));
        }
        MAJED_TRY(run(session, set_session_settings, deadline));
        for (const std::string& setting : settings) {
            MAJED_TRY(run(session, setting, deadline));
        }
        return {};
    }

    [[nodiscard]] static Result<void> run(PhysicalSession& session, std::string_view sql, Deadline deadline) {
        MAJED_TRY_ASSIGN(StatementRun* const statement, StatementRun::prepare(session, sql));
        return statement->execute(DPI_MODE_EXEC_DEFAULT, 0, deadline);
    }

    const driver::Target target_;
    const ConnectTarget where_;
    const pid_t process_ = getpid();
    std::atomic<std::size_t> openings_{0};
    std::unique_ptr<Watchdog> watchdog_;
    std::unique_ptr<AbandonedSessions> abandoned_;
};

}  // namespace

Result<std::unique_ptr<driver::Driver>> open_driver(driver::Target target) {
    MAJED_TRY_ASSIGN(ConnectTarget where, parse_connect_target(target.url));
    MAJED_TRY_ASSIGN(auto watchdog, Watchdog::start());
    // Asked for now, so that what is missing is found at the start; `open` asks again, and says so.
    static_cast<void>(ClientLibrary::load(where.client_library, OracleDriver::program_of(target)));
    return std::unique_ptr<driver::Driver>(
        std::make_unique<OracleDriver>(std::move(target), std::move(where), std::move(watchdog)));
}

}  // namespace majed::driver::oracle
