// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/login.h"

#include "driver/postgres/sqlstate.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace majed::driver::postgres {

namespace {

constexpr std::size_t most_addresses = 8;  ///< Of one host.

struct Candidate {
    const LoginPlan::Host* host;
    std::string address;  ///< Empty for a Unix socket.
};

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

class HostLookup final : public BlockingCall {
public:
    explicit HostLookup(std::string host) : host_(std::move(host)) {}
    /// Only after it is done.
    [[nodiscard]] const std::vector<std::string>& addresses() const noexcept { return addresses_; }

private:
    void run() noexcept override {
        addrinfo wanted{};
        wanted.ai_socktype = SOCK_STREAM;
        addrinfo* list = nullptr;
        if (::getaddrinfo(host_.c_str(), nullptr, &wanted, &list) != 0) {
            return;
        }
        const std::unique_ptr<addrinfo, FreeAddresses> owned(list);
        for (const addrinfo* entry = list; entry != nullptr && addresses_.size() < most_addresses;
             entry = entry->ai_next) {
            std::array<char, NI_MAXHOST> text{};
            if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                              NI_NUMERICHOST) == 0) {
                addresses_.emplace_back(text.data());
            }
        }
    }
    std::string host_;
    std::vector<std::string> addresses_;
};

Error unreachable(std::string message) {
    return Error{.code = ErrorCode::unavailable,
                 .message = std::move(message),
                 .native_code = number_of("08001"),
                 .failure = FailureClass::lost};
}

Error too_slow() {
    Error error = unreachable("the database did not answer in time");
    error.code = ErrorCode::timeout;
    return error;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

Result<std::vector<std::string>> look_up(const std::string& host, BlockingCalls& lookups, Deadline deadline) {
    const auto call = std::make_shared<HostLookup>(host);
    if (!lookups.start(call)) {
        return unreachable("too many host names are being looked up");
    }
    if (!call->wait(deadline)) {
        call->withdraw();
        return too_slow();
    }
    if (!call->done() || call->addresses().empty()) {
        return unreachable("the host's name is not known");
    }
    return call->addresses();
}

void ignore_notice(void*, const PGresult*) {}

Error error_of(PGconn* connection) {
    const std::string_view state = state_in(PQerrorMessage(connection));
    if (!state.empty()) {
        return error_of_state(state, Phase::login);
    }
    if (PQconnectionNeedsPassword(connection) != 0) {
        return error_of_state("28P01", Phase::login);
    }
    return unreachable("the database cannot be reached").with_hint("check host, port and sslmode");
}

NativeConnection start(const LoginPlan& plan, const Candidate& candidate, const Secret& password,
                       const std::string& session) {
    std::vector<const char*> keywords{"host", "port", "target_session_attrs"};
    std::vector<const char*> values{candidate.host->name.c_str(), candidate.host->port.c_str(),
                                    session.c_str()};
    const auto add = [&](const char* keyword, const char* value) {
        keywords.push_back(keyword);
        values.push_back(value);
    };
    if (!candidate.address.empty()) {
        add("hostaddr", candidate.address.c_str());
    }
    if (!password.empty()) {
        add("password", password.reveal().data());  // A Secret is a whole string: it ends with a NUL.
    }
    for (const auto& [keyword, value] : plan.settings) {
        add(keyword.c_str(), value.c_str());
    }
    add(nullptr, nullptr);
    return NativeConnection(PQconnectStartParams(keywords.data(), values.data(), 0));
}

/// What the server sent before it hears of a cancel must be read to its end, in the time an interrupt has. Where the
/// system lets buffers grow, that is tens of megabytes.
void bound_receive_buffer(PGconn* connection) {
    constexpr int bytes = 1 << 20;
    // A socket that minds keeps the buffer it has: slower to cancel, and no less right.
    static_cast<void>(::setsockopt(PQsocket(connection), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes));
}

/// False when the deadline came first.
bool wait_for(PGconn* connection, PostgresPollingStatusType status, Deadline deadline) {
    pollfd watched{PQsocket(connection),
                   static_cast<short>(status == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    while (true) {
        int timeout = -1;
        if (deadline != Deadline::max()) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
            if (left <= 0) {
                return false;
            }
            timeout = static_cast<int>(std::min<std::int64_t>(left, 60'000));
        }
        const int ready = ::poll(&watched, 1, timeout);
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return true;
        }
    }
}

Result<NativeConnection> attempt(NativeConnection connection, Deadline deadline) {
    PGconn* const native = connection.get();
    if (native == nullptr) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "there is no memory for a connection",
                     .failure = FailureClass::exhausted};
    }
    // libpq shows the state of a refusal in its message only; this is also the least text it can show.
    static_cast<void>(PQsetErrorVerbosity(native, PQERRORS_SQLSTATE));
    static_cast<void>(PQsetNoticeReceiver(native, &ignore_notice, nullptr));
    PostgresPollingStatusType status =
        PQstatus(native) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        if (!wait_for(native, status, deadline)) {
            return too_slow();
        }
        status = PQconnectPoll(native);
    }
    if (status != PGRES_POLLING_OK) {
        return error_of(native);
    }
    if (PQsetnonblocking(native, 1) != 0) {
        return unreachable("the connection cannot be used");
    }
    bound_receive_buffer(native);
    return connection;
}

class Search {
public:
    Search(const LoginPlan& plan, const Secret& password, Deadline deadline)
        : plan_(plan), password_(password), deadline_(deadline) {}

    Result<void> find_addresses(BlockingCalls& lookups) {
        for (const LoginPlan::Host& host : plan_.hosts) {
            if (host.is_socket()) {
                candidates_.push_back({&host, {}});
            } else if (is_address(host.name)) {
                candidates_.push_back({&host, host.name});
            } else if (auto addresses = look_up(host.name, lookups, share(plan_.hosts.size())); addresses) {
                for (std::string& address : *addresses) {
                    candidates_.push_back({&host, std::move(address)});
                }
            } else {
                last_ = std::move(addresses).error();
            }
        }
        return candidates_.empty() ? Result<void>(last_) : Result<void>();
    }

    /// True when it found one, or when it must not go on.
    bool tried_all(const std::string& session) {
        for (std::size_t i = 0; i < candidates_.size(); ++i) {
            if (SteadyClock::now() >= deadline_) {
                last_ = too_slow();
                return true;
            }
            auto opened =
                attempt(start(plan_, candidates_[i], password_, session), share(candidates_.size() - i));
            if (opened) {
                found_ = std::move(*opened);
                return true;
            }
            last_ = std::move(opened).error();
            if (last_.failure == FailureClass::refused_login) {
                return true;
            }
        }
        return false;
    }

    Result<NativeConnection> answer() {
        return found_ == nullptr ? Result<NativeConnection>(last_)
                                 : Result<NativeConnection>(std::move(found_));
    }

private:
    /// One dead host of several must not eat the time of the others.
    Deadline share(std::size_t left) const {
        const auto now = SteadyClock::now();
        Deadline until = deadline_;
        if (deadline_ != Deadline::max() && deadline_ > now) {
            until = now + (deadline_ - now) / static_cast<std::int64_t>(std::max<std::size_t>(1, left));
        }
        return plan_.connect_timeout ? std::min(until, deadline_after(*plan_.connect_timeout)) : until;
    }

    const LoginPlan& plan_;
    const Secret& password_;
    Deadline deadline_;
    std::vector<Candidate> candidates_;
    NativeConnection found_;
    Error last_ = unreachable("the database cannot be reached");
};

}  // namespace

Result<NativeConnection> log_in(const LoginPlan& plan, const Secret& password, BlockingCalls& lookups,
                                Deadline deadline) {
    Search search(plan, password, deadline);
    MAJED_TRY(search.find_addresses(lookups));
    const bool standby_first = plan.session == "prefer-standby";
    if (!search.tried_all(standby_first ? "standby" : plan.session) && standby_first) {
        static_cast<void>(search.tried_all("any"));
    }
    return search.answer();
}

}  // namespace majed::driver::postgres
