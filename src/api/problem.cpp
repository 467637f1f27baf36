// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include "format/json.h"

#include <chrono>
#include <string>

namespace majed::api {
namespace {

HttpAnswer problem(const Error& error, int status, std::string_view title, std::string_view request_id) {
    HttpAnswer answer;
    answer.status = status;
    answer.content_type = "application/problem+json";
    format::JsonWriter json(answer.body);
    json.begin_object();
    json.key("type").text("urn:majed:error:" + std::string(traits(error.code).name));
    json.key("title").text(title);
    json.key("status").integer(status);
    format::append_error_members(json, error);
    json.key("request_id").text(request_id);
    json.end_object();
    answer.body += '\n';
    return answer;
}

}  // namespace

HttpAnswer problem_answer(const Error& error, std::string_view request_id) {
    const ErrorTraits& row = traits(error.code);
    Error shown = error;
    const bool retry =
        row.http_status == 503 || row.http_status == 429 || error.code == ErrorCode::pool_timeout;
    if (retry && !shown.retry_after) {
        shown.retry_after = std::chrono::seconds(1);
    }
    HttpAnswer answer = problem(shown, row.http_status, row.title, request_id);
    if (error.code == ErrorCode::unauthenticated) {
        answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"majed\"");
    }
    if (shown.retry_after) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*shown.retry_after).count();
        answer.headers.emplace_back("Retry-After", std::to_string(seconds));
    }
    return answer;
}

HttpAnswer wrong_method_answer(std::string_view allowed, std::string_view request_id) {
    const Error error{ErrorCode::not_found, "this path does not know this method",
                      "allowed: " + std::string(allowed)};
    HttpAnswer answer = problem(error, 405, "Method not allowed", request_id);
    answer.headers.emplace_back("Allow", std::string(allowed));
    return answer;
}

}  // namespace majed::api
