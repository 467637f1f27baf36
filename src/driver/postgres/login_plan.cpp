// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/login_plan.h"

#include "core/ascii.h"
#include "driver/postgres/native_handle.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace majed::driver::postgres {

namespace {

/// Taken from the URL as they are.
constexpr std::array<std::string_view, 12> passed_on{"sslmode",          "sslrootcert",
                                                     "sslcert",          "sslkey",
                                                     "sslcrl",           "sslsni",
                                                     "channel_binding",  "keepalives_idle",
                                                     "keepalives_count", "keepalives_interval",
                                                     "tcp_user_timeout", "ssl_min_protocol_version"};
/// Read here.
constexpr std::array<std::string_view, 5> understood{"host", "port", "dbname", "connect_timeout",
                                                     "target_session_attrs"};
constexpr std::array<std::string_view, 6> session_kinds{"any",     "read-write",     "read-only",
                                                        "primary", "prefer-standby", "standby"};

/// libpq looks for these in the home folder unless told another place: one where nothing can ever be.
constexpr const char* no_file = "/dev/null/none";

/// Each beats what the environment says. URL parameters come first and are not overwritten.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> fixed{{
    {"passfile", no_file},
    {"sslcert", no_file},
    {"sslkey", no_file},
    {"sslrootcert", no_file},
    {"sslcompression", "0"},
    {"sslsni", "1"},
    {"ssl_min_protocol_version", "TLSv1.2"},
    {"channel_binding", "prefer"},
    {"gssencmode", "disable"},
    {"krbsrvname", "postgres"},
    {"client_encoding", "UTF8"},
    {"keepalives_idle", "30"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
}};

/// Sent to the server by libpq whatever its parameters say.
constexpr std::array<const char*, 3> startup_variables{"PGDATESTYLE", "PGTZ", "PGGEQO"};

/// Defaults of the session, which RESET ALL returns to. The server notices a gateway that died within 10 s, and ends
/// what outlives every deadline a caller could have set.
constexpr std::string_view session_options =
    "-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c extra_float_digits=1 -c bytea_output=hex"
    " -c standard_conforming_strings=on -c statement_timeout=1h -c idle_in_transaction_session_timeout=10min"
    " -c client_connection_check_interval=10s";

Error wrong_setting(std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
}

template <class List>
bool holds(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_loopback(std::string_view host) {
    return host.starts_with('/') || host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    while (true) {
        const auto comma = list.find(',');
        parts.emplace_back(list.substr(0, comma));
        if (comma == std::string_view::npos) {
            return parts;
        }
        list.remove_prefix(comma + 1);
    }
}

Result<std::vector<LoginPlan::Host>> read_hosts(std::string_view names, std::string_view ports) {
    const std::vector<std::string> host_list = split(names);
    const std::vector<std::string> port_list = split(ports);
    if (port_list.size() != 1 && port_list.size() != host_list.size()) {
        return wrong_setting("the URL has more ports than hosts, or fewer");
    }
    std::vector<LoginPlan::Host> hosts;
    for (std::size_t i = 0; i < host_list.size(); ++i) {
        const std::string& port = port_list[port_list.size() == 1 ? 0 : i];
        unsigned number = 5432;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (!port.empty() &&
            (error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535)) {
            return wrong_setting("a port of the URL is not a number from 1 to 65535");
        }
        if (host_list[i].empty() || host_list[i].starts_with('@')) {
            return wrong_setting("the URL names no host");
        }
        hosts.push_back({host_list[i], std::to_string(number)});
    }
    return hosts;
}

class PlanReader {
public:
    PlanReader(const Target& target, LoginPlan::Environment environment)
        : target_(target), environment_(environment) {}

    Result<LoginPlan> run() {
        MAJED_TRY(parse());
        MAJED_TRY(refuse_what_is_not_allowed());
        MAJED_TRY_ASSIGN(plan_.hosts, read_hosts(given("host"), given("port")));
        MAJED_TRY(read_session());
        for (const std::string_view keyword : passed_on) {
            if (const std::string value = given(keyword); !value.empty()) {
                set(keyword, value);
            }
        }
        MAJED_TRY(settle_tls());
        set("user", target_.user);
        set("dbname", given("dbname").empty() ? target_.user : given("dbname"));
        set("application_name", target_.application.empty() ? "majed" : target_.application);
        set("keepalives", "1");
        std::string options(session_options);
        options += target_.access == Access::read_only ? " -c default_transaction_read_only=on" : "";
        set("options", options);
        for (const auto& [keyword, value] : fixed) {
            if (plan_.setting(keyword).empty()) {
                set(keyword, std::string(value));
            }
        }
        MAJED_TRY(refuse_environment());
        return std::move(plan_);
    }

private:
    Result<void> parse() {
        if (!target_.url.starts_with("postgresql://") && !target_.url.starts_with("postgres://")) {
            return wrong_setting("the URL must begin with postgresql://");
        }
        if (target_.user.empty()) {
            return wrong_setting("a PostgreSQL source needs a user");
        }
        const auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
        if (has_nul(target_.url) || has_nul(target_.user) || has_nul(target_.password.reveal()) ||
            has_nul(target_.application)) {
            return wrong_setting("URL, user and password cannot hold a NUL byte");
        }
        char* trouble = nullptr;
        options_.reset(PQconninfoParse(target_.url.c_str(), &trouble));
        PQfreemem(trouble);  // It may show the password.
        if (options_ == nullptr) {
            return wrong_setting("the URL is not a valid postgresql:// URL")
                .with_hint("postgresql://host:port/database?sslmode=verify-full&sslrootcert=FILE");
        }
        return {};
    }

    std::string given(std::string_view keyword) const {
        for (const PQconninfoOption* option = options_.get(); option->keyword != nullptr; ++option) {
            if (keyword == option->keyword) {
                return option->val == nullptr ? std::string() : std::string(option->val);
            }
        }
        return {};
    }

    Result<void> refuse_what_is_not_allowed() const {
        for (const PQconninfoOption* option = options_.get(); option->keyword != nullptr; ++option) {
            const std::string_view keyword = option->keyword;
            if (option->val == nullptr || holds(passed_on, keyword) || holds(understood, keyword)) {
                continue;
            }
            if (keyword == "user" || keyword == "password") {
                return wrong_setting(
                    "user and password do not belong into the URL; they have settings of their own");
            }
            return wrong_setting("the URL's parameter " + std::string(keyword) + " is not allowed");
        }
        return {};
    }

    Result<void> read_session() {
        if (const std::string session = given("target_session_attrs"); !session.empty()) {
            if (!holds(session_kinds, session)) {
                return wrong_setting("target_session_attrs is not one that PostgreSQL knows");
            }
            plan_.session = session;
        }
        if (const std::string text = given("connect_timeout"); !text.empty()) {
            int seconds = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
            if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 3600) {
                return wrong_setting("connect_timeout is not a number of seconds from 1 to 3600");
            }
            plan_.connect_timeout = std::chrono::seconds(seconds);
        }
        return {};
    }

    /// Off the machine nothing goes unencrypted unless the URL says so; with a root certificate at hand the server must
    /// prove its name.
    Result<void> settle_tls() {
        const bool local = std::all_of(plan_.hosts.begin(), plan_.hosts.end(),
                                       [](const LoginPlan::Host& host) { return is_loopback(host.name); });
        const bool has_root = !given("sslrootcert").empty();
        std::string mode = given("sslmode");
        if (mode.empty()) {
            mode = has_root ? "verify-full" : (local ? "prefer" : "require");
            set("sslmode", mode);
        }
        if (mode.starts_with("verify-") && !has_root) {
            return wrong_setting("sslmode=" + std::string(mode == "verify-ca" ? "verify-ca" : "verify-full") +
                                 " needs sslrootcert");
        }
        if (given("sslcert").empty() != given("sslkey").empty()) {
            return wrong_setting("sslcert and sslkey need each other");
        }
        return {};
    }

    /// Asks libpq's own list which variables it reads, so that a newer library is covered too.
    Result<void> refuse_environment() const {
        const bool has_socket = std::any_of(plan_.hosts.begin(), plan_.hosts.end(),
                                            [](const LoginPlan::Host& host) { return host.is_socket(); });
        for (const PQconninfoOption* option = options_.get(); option->keyword != nullptr; ++option) {
            const std::string_view keyword = option->keyword;
            const bool set_per_host = keyword == "host" || keyword == "port" ||
                                      keyword == "target_session_attrs" ||
                                      (keyword == "hostaddr" && !has_socket) ||
                                      (keyword == "password" && !target_.password.empty());
            if (option->envvar != nullptr && keyword != "connect_timeout" && !set_per_host &&
                plan_.setting(keyword).empty()) {
                MAJED_TRY(refuse_variable(option->envvar));
            }
        }
        for (const char* const variable : startup_variables) {
            MAJED_TRY(refuse_variable(variable));
        }
        return {};
    }

    Result<void> refuse_variable(const char* name) const {
        if (environment_(name) == nullptr) {
            return {};
        }
        return wrong_setting("the environment variable " + std::string(name) +
                             " would change how PostgreSQL is reached")
            .with_hint("unset it: the configuration alone decides");
    }

    void set(std::string_view keyword, std::string value) {
        plan_.settings.emplace_back(keyword, std::move(value));
    }

    const Target& target_;
    LoginPlan::Environment environment_;
    NativeOptions options_;
    LoginPlan plan_;
};

}  // namespace

Result<LoginPlan> LoginPlan::read(const Target& target, Environment environment) {
    return PlanReader(target, environment).run();
}

std::string LoginPlan::setting(std::string_view keyword) const {
    const auto found = std::find_if(settings.begin(), settings.end(),
                                    [&](const auto& setting) { return setting.first == keyword; });
    return found == settings.end() ? std::string() : found->second;
}

}  // namespace majed::driver::postgres
