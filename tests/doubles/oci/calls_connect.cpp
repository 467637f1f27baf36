// SPDX-License-Identifier: Apache-2.0
// Attaching, sessions, pools, transactions, ping, break, version.
#include <cstdio>

#include "exported.h"
#include "handles.h"
#include "pool.h"
#include "session.h"
#include "world.h"

using namespace majed::oci_double;

namespace {

constexpr std::uint32_t server_version = (19U << 24U) | (3U << 16U);
constexpr const char* server_banner = "Oracle Database 19c (test double) Version 19.3.0.0.0";

std::string text_of(const char* text, std::uint32_t length) {
    return text == nullptr ? std::string{} : std::string{text, length};
}

/// Pools by name, since a session is asked for by name.
struct Pools {
    std::mutex mutex;
    std::map<std::string, Pool*> by_name;
};

Pools& pools() {
    static Pools& only = *std::make_unique<Pools>().release();
    return only;
}

/// Sessions got without a pool; the application holds a handle inside each.
struct LooseSessions {
    std::mutex mutex;
    std::vector<std::unique_ptr<PooledSession>> sessions;
};

LooseSessions& loose_sessions() {
    static LooseSessions& only = *std::make_unique<LooseSessions>().release();
    return only;
}

int end_transaction(void* service_pointer, void* error, Event event) {
    auto* service = handle_as<Service>(service_pointer);
    if (service == nullptr) {
        return answer_invalid_handle;
    }
    const RoundTrip trip(*service, event);
    if (trip.failure()) {
        return fail(error, *trip.failure());
    }
    return answer(error, event == Event::commit ? service->session->commit() : service->session->rollback());
}

int release_version(void* service_pointer, void* error, char* buffer, std::uint32_t size,
                    std::uint32_t* version) {
    auto* service = handle_as<Service>(service_pointer);
    if (service == nullptr) {
        return answer_invalid_handle;
    }
    const RoundTrip trip(*service, Event::ping);
    if (trip.failure()) {
        return fail(error, *trip.failure());
    }
    if (buffer != nullptr) {
        std::snprintf(buffer, size, "%s", server_banner);
    }
    *version = server_version;
    return answer_success;
}

}  // namespace

MAJED_OCI int OCIServerAttach(void* server_pointer, void* error, const char* text, std::int32_t length,
                              std::uint32_t) {
    auto* server = handle_as<Server>(server_pointer);
    if (server == nullptr) {
        return answer_invalid_handle;
    }
    server->connect_string = text_of(text, static_cast<std::uint32_t>(length));
    return answer(error, attach(parse_connect_string(server->connect_string)));
}

MAJED_OCI int OCIServerDetach(void* server_pointer, void*, std::uint32_t) {
    if (auto* server = handle_as<Server>(server_pointer)) {
        server->session = nullptr;
    }
    return answer_success;
}

MAJED_OCI int OCISessionBegin(void* service_pointer, void* error, void* session_pointer, std::uint32_t,
                              std::uint32_t) {
    auto* service = handle_as<Service>(service_pointer);
    auto* session = handle_as<Session>(session_pointer);
    if (service == nullptr || session == nullptr || service->server == nullptr) {
        return answer_invalid_handle;
    }
    if (const Failure failure = session->log_on(parse_connect_string(service->server->connect_string))) {
        return fail(error, *failure);
    }
    service->session = session;
    service->server->session = session;
    return answer_success;
}

MAJED_OCI int OCISessionEnd(void* service_pointer, void* error, void* session_pointer, std::uint32_t) {
    auto* service = handle_as<Service>(service_pointer);
    auto* session = handle_as<Session>(session_pointer);
    if (service == nullptr || session == nullptr) {
        return answer_invalid_handle;
    }
    Failure failure;
    if (session->is_open()) {
        const RoundTrip trip(*service, Event::logoff);
        failure = trip.failure();
        // A transaction left open is committed by a logoff in order.
        if (!failure) {
            failure = session->commit();
        }
    }
    session->log_off();
    return answer(error, failure);
}

MAJED_OCI int OCISessionPoolCreate(void* environment, void* error, void* pool_pointer, char** name,
                                   std::uint32_t* name_length, const char* connect_string,
                                   std::uint32_t connect_string_length, std::uint32_t minimum,
                                   std::uint32_t maximum, std::uint32_t increment, const char* user,
                                   std::uint32_t user_length, const char* password,
                                   std::uint32_t password_length, std::uint32_t) {
    auto* pool = handle_as<Pool>(pool_pointer);
    if (pool == nullptr) {
        return answer_invalid_handle;
    }
    const Failure failure =
        pool->create(handle_as<Environment>(environment), text_of(connect_string, connect_string_length),
                     {.user = text_of(user, user_length), .password = text_of(password, password_length)},
                     {.minimum = minimum, .maximum = maximum, .increment = increment});
    if (failure) {
        return fail(error, *failure);
    }
    {
        const std::lock_guard lock(pools().mutex);
        pools().by_name[pool->name()] = pool;
    }
    *name = const_cast<char*>(pool->name().c_str());
    *name_length = static_cast<std::uint32_t>(pool->name().size());
    return answer_success;
}

MAJED_OCI int OCISessionPoolDestroy(void* pool_pointer, void*, std::uint32_t) {
    auto* pool = handle_as<Pool>(pool_pointer);
    if (pool == nullptr) {
        return answer_invalid_handle;
    }
    {
        const std::lock_guard lock(pools().mutex);
        pools().by_name.erase(pool->name());
    }
    pool->destroy();
    return answer_success;
}

MAJED_OCI int OCISessionGet(void* environment, void* error, void** service_pointer, void* credentials_pointer,
                            const char* name, std::uint32_t name_length, const char*, std::uint32_t,
                            const char** tag, std::uint32_t* tag_length, int* found, std::uint32_t mode) {
    Credentials credentials;
    auto* given = handle_as<Session>(credentials_pointer);
    if (given != nullptr) {
        credentials.user = given->attribute(attribute::user_name);
        credentials.password = given->attribute(attribute::password);
    }
    if (tag != nullptr && tag_length != nullptr) {
        *tag = nullptr;
        *tag_length = 0;
    }
    if (found != nullptr) {
        *found = 0;
    }
    if ((mode & session_mode::from_pool) == 0) {
        auto session =
            std::make_unique<PooledSession>(handle_as<Environment>(environment), text_of(name, name_length));
        if (const Failure failure = session->open(credentials)) {
            return fail(error, *failure);
        }
        *service_pointer = static_cast<Handle*>(&session->service);
        const std::lock_guard lock(loose_sessions().mutex);
        loose_sessions().sessions.push_back(std::move(session));
        return answer_success;
    }
    Pool* pool = nullptr;
    {
        const std::lock_guard lock(pools().mutex);
        const auto entry = pools().by_name.find(text_of(name, name_length));
        pool = entry == pools().by_name.end() ? nullptr : entry->second;
    }
    Service* service = nullptr;
    const Failure failure =
        pool == nullptr ? Failure{oracle_error(24422, "no such pool")} : pool->get(credentials, service);
    if (failure) {
        return fail(error, *failure);
    }
    *service_pointer = static_cast<Handle*>(service);
    return answer_success;
}

MAJED_OCI int OCISessionRelease(void* service_pointer, void*, const char*, std::uint32_t,
                                std::uint32_t mode) {
    auto* service = handle_as<Service>(service_pointer);
    if (service == nullptr) {
        return answer_invalid_handle;
    }
    if (service->pool != nullptr) {
        service->pool->put_back(*service, (mode & session_mode::drop_on_release) != 0);
        return answer_success;
    }
    const std::lock_guard lock(loose_sessions().mutex);
    std::erase_if(loose_sessions().sessions,
                  [&](const std::unique_ptr<PooledSession>& loose) { return &loose->service == service; });
    return answer_success;
}

MAJED_OCI int OCIPing(void* service_pointer, void* error, std::uint32_t) {
    auto* service = handle_as<Service>(service_pointer);
    if (service == nullptr) {
        return answer_invalid_handle;
    }
    const RoundTrip trip(*service, Event::ping);
    return answer(error, trip.failure());
}

MAJED_OCI int OCIBreak(void* service_pointer, void*) {
    auto* service = handle_as<Service>(service_pointer);
    if (service == nullptr) {
        return answer_invalid_handle;
    }
    if (service->session != nullptr) {
        service->session->break_call();
    }
    return answer_success;
}

MAJED_OCI int OCIReset(void*, void*) {
    return answer_success;
}

MAJED_OCI int OCITransCommit(void* service, void* error, std::uint32_t) {
    return end_transaction(service, error, Event::commit);
}

MAJED_OCI int OCITransRollback(void* service, void* error, std::uint32_t) {
    return end_transaction(service, error, Event::rollback);
}

MAJED_OCI int OCIPasswordChange(void*, void* error, const char*, std::uint32_t, const char*, std::uint32_t,
                                const char*, std::uint32_t, std::uint32_t) {
    return fail(error, oracle_error(3001));
}

MAJED_OCI int OCIServerRelease(void* service, void* error, char* buffer, std::uint32_t size, std::uint8_t,
                               std::uint32_t* version) {
    return release_version(service, error, buffer, size, version);
}

MAJED_OCI int OCIServerRelease2(void* service, void* error, char* buffer, std::uint32_t size, std::uint8_t,
                                std::uint32_t* version, std::uint32_t) {
    return release_version(service, error, buffer, size, version);
}
