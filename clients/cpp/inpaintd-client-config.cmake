# SPDX-License-Identifier: Apache-2.0
# find_package(inpaintd-client) defines the library inpaintd::client.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(fmt)
find_dependency(OpenSSL COMPONENTS Crypto)
find_dependency(PkgConfig)
if(NOT TARGET PkgConfig::NATS)
  pkg_check_modules(NATS REQUIRED IMPORTED_TARGET libnats>=3.4)
endif()
include("${CMAKE_CURRENT_LIST_DIR}/inpaintd-client-targets.cmake")
