// SPDX-License-Identifier: Apache-2.0
#include "doubles/oci/remote/oci_double.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace majed::doubles {
namespace {

/// A library without the function is a broken build: nothing to go on with.
template <class Function>
void find(void* library, const char* name, Function& out) {
    void* found = library == nullptr ? nullptr : dlsym(library, name);
    if (found == nullptr) {
        std::fprintf(stderr, "the Oracle client double has no %s: %s\n", name, dlerror());
        std::abort();
    }
    out = reinterpret_cast<Function>(found);
}

}  // namespace

std::string oci_double_folder() {
    return MAJED_OCI_DOUBLE_LIBRARY_FOLDER;
}

OciDouble::OciDouble(const std::string& folder, const std::string& password) {
    setenv("MAJED_OCI_DOUBLE_FOLDER", folder.c_str(), 1);
    if (!password.empty()) {
        setenv("MAJED_OCI_DOUBLE_PASSWORD", password.c_str(), 1);
    }
    void* library = dlopen((oci_double_folder() + "/libclntsh.so").c_str(), RTLD_LAZY);
    find(library, "majed_oci_double_script", script_);
    find(library, "majed_oci_double_down", down_);
    find(library, "majed_oci_double_restart", restart_);
    find(library, "majed_oci_double_release_hangs", release_hangs_);
    find(library, "majed_oci_double_connect_attempts", connect_attempts_);
    find(library, "majed_oci_double_sessions_opened", sessions_opened_);
    find(library, "majed_oci_double_sessions_open", sessions_open_);
    find(library, "majed_oci_double_round_trips", round_trips_);
}

}  // namespace majed::doubles
