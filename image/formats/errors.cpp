// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <new>
#include <opencv2/core.hpp>

#include "image/formats/formats.h"

namespace inpaintd {
namespace {

Error describe() {
  try {
    throw;
  } catch (Refused& refused) {
    return std::move(refused.error);
  } catch (const cv::Exception& exception) {
    if (exception.code == cv::Error::StsNoMem) throw std::bad_alloc();
    return {ErrorCode::internal, exception.what()};
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& exception) {
    return {ErrorCode::internal, exception.what()};
  }
}

}  // namespace

Error current_error() noexcept {
  try {
    return describe();
  } catch (...) {
    return {ErrorCode::overloaded, "out of memory"};  // so short a text needs no memory of its own
  }
}

}  // namespace inpaintd
