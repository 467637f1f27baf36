/// The profiles that an Enforcement has made, one for each role and set of attributes present.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "rewrite/enforcement.h"

#include <map>
#include <memory>
#include <string>

namespace majed::rewrite {

struct Enforcement::Profiles {
    Mutex mutex;
    std::map<std::string, std::unique_ptr<Profile>> by_key MAJED_GUARDED_BY(mutex);
};

}  // namespace majed::rewrite
