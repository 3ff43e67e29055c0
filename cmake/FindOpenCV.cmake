# SPDX-License-Identifier: Apache-2.0
# Finds the OpenCV modules that are asked for as COMPONENTS, by their headers and libraries. OpenCV's own package files
# for CMake are in Debian's libopencv-dev, which depends on every module and by them on VTK and Qt; libopencv-core-dev
# and libopencv-imgproc-dev are enough for this module.
# Defines a target opencv_<component> for each component, and OpenCV_LIBS with all of them. OpenCV_ROOT names another
# installation.
find_path(OpenCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
mark_as_advanced(OpenCV_INCLUDE_DIR)
if(OpenCV_INCLUDE_DIR)
  set(numbers)
  foreach(part MAJOR MINOR REVISION)
    file(STRINGS "${OpenCV_INCLUDE_DIR}/opencv2/core/version.hpp" line REGEX "^#define CV_VERSION_${part} +[0-9]+")
    string(REGEX MATCH "[0-9]+" number "${line}")
    list(APPEND numbers "${number}")
  endforeach()
  list(JOIN numbers "." OpenCV_VERSION)
endif()

foreach(component IN LISTS OpenCV_FIND_COMPONENTS)
  find_library(OpenCV_${component}_LIBRARY opencv_${component})
  mark_as_advanced(OpenCV_${component}_LIBRARY)
  if(OpenCV_${component}_LIBRARY AND EXISTS "${OpenCV_INCLUDE_DIR}/opencv2/${component}.hpp")
    set(OpenCV_${component}_FOUND TRUE)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCV REQUIRED_VARS OpenCV_INCLUDE_DIR VERSION_VAR OpenCV_VERSION HANDLE_COMPONENTS)

set(OpenCV_LIBS)
if(OpenCV_FOUND)
  foreach(component IN LISTS OpenCV_FIND_COMPONENTS)
    if(NOT TARGET opencv_${component})
      add_library(opencv_${component} UNKNOWN IMPORTED)
      set_target_properties(opencv_${component} PROPERTIES
        IMPORTED_LOCATION "${OpenCV_${component}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${OpenCV_INCLUDE_DIR}")
    endif()
    list(APPEND OpenCV_LIBS opencv_${component})
  endforeach()
endif()
