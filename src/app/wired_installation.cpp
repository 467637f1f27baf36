// SPDX-License-Identifier: Apache-2.0
#include "app/wired_installation.h"

#include "api/api.h"
#include "api/http_server.h"
#include "crypto/key_file.h"

#include <cstdint>
#include <utility>

namespace majed::app {

WiredInstallation::WiredInstallation(Settings settings) : settings_(std::move(settings)) {
    shown_.reserve(settings_.shown.size());
    for (const auto& setting : settings_.shown) {
        shown_.push_back({setting.path, setting.value, setting.origin, setting.text});
    }
}

WiredInstallation::~WiredInstallation() = default;

Result<store::PrimaryStore*> WiredInstallation::store() {
    if (store_ == nullptr) {
        MAJED_TRY_ASSIGN(store_, store::PrimaryStore::open(settings_.primary_path));
    }
    return store_.get();
}

Result<audit::AuditTrail*> WiredInstallation::audit() {
    if (audit_ == nullptr) {
        // The store checks that the file is a primary store at all.
        MAJED_TRY(store());
        MAJED_TRY_ASSIGN(audit_, audit::AuditTrail::open(settings_.audit));
    }
    return audit_.get();
}

Result<source::SourceRegistry*> WiredInstallation::sources() {
    if (sources_ == nullptr) {
        auto registry = std::make_unique<source::SourceRegistry>();
        for (const auto& options : settings_.sources) {
            MAJED_TRY_ASSIGN(auto source, source::Source::open(options));
            MAJED_TRY(registry->add(std::move(source)));
        }
        sources_ = std::move(registry);
    }
    return sources_.get();
}

Result<gateway::Gateway*> WiredInstallation::gateway() {
    if (gateway_ == nullptr) {
        MAJED_TRY_ASSIGN(const auto key, crypto::KeyFile::read(settings_.key_file));
        MAJED_TRY_ASSIGN(source::SourceRegistry* const registry, sources());
        MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, audit());
        const crypto::Digest pseudonyms = key.derive("mask.hash");
        auto made = std::make_unique<gateway::Gateway>(
            *registry, *trail, std::vector<std::uint8_t>(pseudonyms.begin(), pseudonyms.end()));
        MAJED_TRY(made->install_policies(settings_.policies));
        gateway_ = std::move(made);
    }
    return gateway_.get();
}

std::size_t WiredInstallation::rule_count() const {
    return settings_.policies->row_policies().size() + settings_.policies->mask_policies().size();
}

Result<void> WiredInstallation::ready_to_answer() const {
    for (const auto& source : sources_->sources()) {
        MAJED_TRY(source->ping());
    }
    return {};
}

Result<void> WiredInstallation::serve(const std::function<void(std::string_view)>& ready) {
    MAJED_TRY_ASSIGN(store::PrimaryStore* const users, store());
    MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, audit());
    MAJED_TRY_ASSIGN(gateway::Gateway* const gate, gateway());
    telemetry::Log log(settings_.log);
    api::Api calls({*gate, *users, *trail, [this] { return ready_to_answer(); }}, settings_.api);
    MAJED_TRY_ASSIGN(const auto server, api::HttpServer::listen(settings_.server, calls, log));
    const std::string address = server->address();
    log.info("serving", {{"address", std::string_view(address)}});
    ready(address);
    server->run();
    trail->flush();
    const auto stats = trail->stats();
    log.info("stopped", {{"audit_written", static_cast<std::int64_t>(stats.written)},
                         {"audit_dropped", static_cast<std::int64_t>(stats.dropped)}});
    return {};
}

}  // namespace majed::app
