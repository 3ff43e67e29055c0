// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <exception>
#include <new>
#include <opencv2/core.hpp>
#include <stdexcept>

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

void refuse_broken(std::string_view format, std::string_view fault) {
  refuse(ErrorCode::unsupported_image, fmt::format("the {} file is broken: {}; send an undamaged file", format, fault));
}

void fail_encoding(std::string_view format, std::string_view cause) {
  throw std::runtime_error(fmt::format("the {} encoder failed: {}; ask for another format", format, cause));
}

Error current_error() noexcept {
  try {
    return describe();
  } catch (...) {
    return {ErrorCode::overloaded, "out of memory"};  // short enough for std::string to need no memory
  }
}

}  // namespace inpaintd
