/// The HTTP API: a request in, an answer out; the network is elsewhere.
///
/// Why      Finding the call, proving who asks and refusing who may not are in one place.
/// Life     Borrows the gateway, the store and the audit trail, which outlive it.
/// Threads  `handle` may be called from any thread; it blocks while a statement runs.
/// Not here Sockets (http_server.h), the calls themselves (*_calls.h), what a principal may see (gateway/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/http_exchange.h"
#include "api/login_throttle.h"
#include "api/route.h"
#include "core/result.h"

#include <span>
#include <string_view>
#include <vector>

namespace majed::api {

class Api {
public:
    Api(ApiParts parts, const ThrottleOptions& throttle);

    /// Answers every request exactly once, whatever it holds.
    void handle(const HttpRequest& request, Responder& responder);

    /// Every call there is, for documents and tests.
    [[nodiscard]] static const std::vector<Route>& routes();

private:
    void answer(const Route& route, std::string_view parameter, const HttpRequest& request,
                Responder& responder);

    ApiParts parts_;
    LoginThrottle throttle_;
};

/// The one caller whom the request's credential proves. Errors: unauthenticated, invalid_argument (two credentials).
[[nodiscard]] Result<Caller> authenticate(const ApiParts& parts, const HttpRequest& request);

}  // namespace majed::api
