// SPDX-License-Identifier: Apache-2.0
// Version, threads, environment, handles, character sets, memory.
#include <pthread.h>

#include <array>
#include <cstring>

#include "exported.h"
#include "handles.h"
#include "pool.h"
#include "session.h"

using namespace majed::oci_double;

namespace {

constexpr std::int32_t bytes_per_character = 4;

std::unique_ptr<Handle> make_handle(HandleKind kind) {
    switch (kind) {
        case HandleKind::environment:
            return std::make_unique<Environment>();
        case HandleKind::error:
            return std::make_unique<ErrorHandle>();
        case HandleKind::service:
            return std::make_unique<Service>();
        case HandleKind::server:
            return std::make_unique<Server>();
        case HandleKind::session:
            return std::make_unique<Session>();
        case HandleKind::pool:
            return std::make_unique<Pool>();
        case HandleKind::lob:
            return std::make_unique<LobDescriptor>();
        case HandleKind::rowid:
            return std::make_unique<RowidDescriptor>();
        case HandleKind::timestamp:
        case HandleKind::timestamp_zone:
        case HandleKind::timestamp_local_zone:
            return std::make_unique<TimestampDescriptor>(kind);
        case HandleKind::interval_year_month:
        case HandleKind::interval_day_second:
            return std::make_unique<IntervalDescriptor>(kind);
        case HandleKind::statement:
        case HandleKind::bind:
        case HandleKind::define:
        case HandleKind::describe:
        case HandleKind::transaction:
        case HandleKind::parameter:
            break;
    }
    return std::make_unique<PlainHandle>(kind);
}

/// Arrays of descriptors are freed by their first alone: it leads to the others.
struct DescriptorArrays {
    std::mutex mutex;
    std::map<void*, std::vector<std::unique_ptr<Handle>>> by_first;
};

DescriptorArrays& descriptor_arrays() {
    static DescriptorArrays& only = *std::make_unique<DescriptorArrays>().release();
    return only;
}

}  // namespace

MAJED_OCI void OCIClientVersion(int* major, int* minor, int* update, int* patch, int* port) {
    *major = 19;
    *minor = 3;
    *update = 0;
    *patch = 0;
    *port = 0;
}

MAJED_OCI void OCIThreadProcessInit() {}

MAJED_OCI int OCIThreadKeyInit(void*, void*, void** key, void (*destructor)(void*)) {
    auto made = std::make_unique<pthread_key_t>();
    if (pthread_key_create(made.get(), destructor) != 0) {
        return answer_error;
    }
    *key = made.release();
    return answer_success;
}

MAJED_OCI int OCIThreadKeyGet(void*, void*, void* key, void** value) {
    *value = pthread_getspecific(*static_cast<pthread_key_t*>(key));
    return answer_success;
}

MAJED_OCI int OCIThreadKeySet(void*, void*, void* key, void* value) {
    return pthread_setspecific(*static_cast<pthread_key_t*>(key), value) == 0 ? answer_success : answer_error;
}

MAJED_OCI int OCIThreadKeyDestroy(void*, void*, void** key) {
    const std::unique_ptr<pthread_key_t> ended{static_cast<pthread_key_t*>(*key)};
    pthread_key_delete(*ended);
    *key = nullptr;
    return answer_success;
}

MAJED_OCI int OCIEnvNlsCreate(void** environment, std::uint32_t, void*, void*, void*, void*, std::size_t,
                              void**, std::uint16_t charset, std::uint16_t national_charset) {
    auto made = std::make_unique<Environment>();
    made->charset = charset == 0 ? charset_utf8 : charset;
    made->national_charset = national_charset == 0 ? charset_utf8 : national_charset;
    *environment = give_handle(std::move(made));
    return answer_success;
}

MAJED_OCI int OCIHandleAlloc(const void* parent, void** handle, std::uint32_t kind, std::size_t, void**) {
    std::unique_ptr<Handle> made = make_handle(static_cast<HandleKind>(kind));
    auto* environment = const_cast<Environment*>(handle_as<Environment>(parent));
    if (environment != nullptr) {
        environment->adopt(*made);
    }
    if (auto* service = dynamic_cast<Service*>(made.get())) {
        service->environment = environment;
    }
    *handle = give_handle(std::move(made));
    return answer_success;
}

MAJED_OCI int OCIHandleFree(void* handle, std::uint32_t) {
    if (handle == nullptr) {
        return answer_invalid_handle;
    }
    take_handle_back(handle);
    return answer_success;
}

MAJED_OCI int OCIDescriptorAlloc(const void* parent, void** descriptor, std::uint32_t kind, std::size_t size,
                                 void** memory) {
    return OCIHandleAlloc(parent, descriptor, kind, size, memory);
}

MAJED_OCI int OCIDescriptorFree(void* descriptor, std::uint32_t kind) {
    return OCIHandleFree(descriptor, kind);
}

MAJED_OCI int OCIArrayDescriptorAlloc(const void*, void** descriptors, std::uint32_t kind,
                                      std::uint32_t count, std::size_t, void**) {
    std::vector<std::unique_ptr<Handle>> made;
    for (std::uint32_t index = 0; index < count; ++index) {
        made.push_back(make_handle(static_cast<HandleKind>(kind)));
        descriptors[index] = made.back().get();
    }
    if (count > 0) {
        const std::lock_guard lock(descriptor_arrays().mutex);
        descriptor_arrays().by_first[descriptors[0]] = std::move(made);
    }
    return answer_success;
}

MAJED_OCI int OCIArrayDescriptorFree(void** descriptors, std::uint32_t) {
    const std::lock_guard lock(descriptor_arrays().mutex);
    return descriptor_arrays().by_first.erase(descriptors[0]) == 1 ? answer_success : answer_invalid_handle;
}

MAJED_OCI int OCIErrorGet(void* handle, std::uint32_t, char*, std::int32_t* code, char* buffer,
                          std::uint32_t size, std::uint32_t) {
    const auto* errors = handle_as<ErrorHandle>(handle);
    if (errors == nullptr || size == 0) {
        return answer_invalid_handle;
    }
    *code = errors->error.code;
    const std::string message = error_message(errors->error);
    const std::size_t count = std::min<std::size_t>(message.size(), size - 1);
    std::memcpy(buffer, message.data(), count);
    buffer[count] = '\0';
    return answer_success;
}

MAJED_OCI int OCINlsNumericInfoGet(void*, void*, std::int32_t* value, std::uint16_t) {
    *value = bytes_per_character;
    return answer_success;
}

MAJED_OCI int OCINlsCharSetConvert(void*, void*, std::uint16_t, void* to, std::size_t size, std::uint16_t,
                                   const void* from, std::size_t length, std::size_t* written) {
    *written = std::min(size, length);
    std::memcpy(to, from, *written);
    return answer_success;
}

MAJED_OCI int OCINlsCharSetIdToName(void*, char* buffer, std::size_t size, std::uint16_t) {
    std::snprintf(buffer, size, "AL32UTF8");
    return answer_success;
}

MAJED_OCI std::uint16_t OCINlsCharSetNameToId(void*, const char*) {
    return charset_utf8;
}

MAJED_OCI int OCINlsNameMap(void*, char* buffer, std::size_t size, const char*, std::uint32_t direction) {
    std::snprintf(buffer, size, "%s", direction == 0 ? "AL32UTF8" : "UTF-8");
    return answer_success;
}

MAJED_OCI int OCINlsEnvironmentVariableGet(void* value, std::size_t, std::uint16_t, std::uint16_t,
                                           std::size_t* written) {
    std::memcpy(value, &charset_utf8, sizeof charset_utf8);
    *written = sizeof charset_utf8;
    return answer_success;
}

MAJED_OCI int OCIMemoryAlloc(void* handle, void*, void** memory, std::uint16_t, std::uint32_t size,
                             std::uint32_t) {
    auto* session = handle_as<Session>(handle);
    if (session == nullptr) {
        return answer_invalid_handle;
    }
    *memory = session->give_memory(size);
    return answer_success;
}

MAJED_OCI int OCIMemoryFree(void* handle, void*, void* memory) {
    auto* session = handle_as<Session>(handle);
    if (session == nullptr) {
        return answer_invalid_handle;
    }
    session->take_memory_back(memory);
    return answer_success;
}

MAJED_OCI int OCIContextSetValue(void* handle, void*, std::uint16_t, const char* key, std::uint8_t length,
                                 void* value) {
    auto* session = handle_as<Session>(handle);
    if (session == nullptr) {
        return answer_invalid_handle;
    }
    session->library_context()[std::string{key, length}] = value;
    return answer_success;
}

MAJED_OCI int OCIContextGetValue(void* handle, void*, const char* key, std::uint8_t length, void** value) {
    auto* session = handle_as<Session>(handle);
    if (session == nullptr) {
        return answer_invalid_handle;
    }
    const auto found = session->library_context().find(std::string{key, length});
    *value = found == session->library_context().end() ? nullptr : found->second;
    return answer_success;
}
