# SPDX-License-Identifier: Apache-2.0
# Three Debian packages from the components of the installation; tools/package.sh builds them. Their names are those of
# the components, and the components `*-debian` are files that only the packages have.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME inpaintd)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "The inpaintd authors <inpaintd@localhost>")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_SET_DESTDIR ON)  # for files in /etc
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_INPAINTD_DESCRIPTION "Removes things from pictures, as a service over NATS
 LaMa and MI-GAN image inpainting, batched, on CPUs and GPUs.")
# LibTorch takes any BLAS, and Debian's reference BLAS is 50 times slower than OpenBLAS.
set(blas "libopenblas0-pthread | libopenblas0")
set(CPACK_DEBIAN_INPAINTD_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers, ${blas}")
set(CPACK_DEBIAN_INPAINTD_PACKAGE_RECOMMENDS "nats-server")
set(CPACK_DEBIAN_INPAINTD_PACKAGE_SUGGESTS "inpaint-tools, inpaint-gateway")
set(CPACK_DEBIAN_INPAINT-GATEWAY_DESCRIPTION "Removes things from pictures, over HTTP and at a page
 A client of inpaintd that serves browsers and programs without NATS.")
set(CPACK_DEBIAN_INPAINT-GATEWAY_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_INPAINT-GATEWAY_PACKAGE_SUGGESTS "inpaintd, nats-server")
set(CPACK_DEBIAN_INPAINT-TOOLS_DESCRIPTION "Removes things from pictures, from the command line
 The client of inpaintd, its load generator, and programs for its models.")
set(CPACK_DEBIAN_INPAINT-TOOLS_PACKAGE_DEPENDS "${blas}")
set(CPACK_DEBIAN_INPAINT-TOOLS_PACKAGE_SUGGESTS "inpaintd")

# The scripts of a package with a service, with the service's name put in.
set(CPACK_COMPONENTS_ALL)
foreach(package IN ITEMS inpaintd inpaint-gateway inpaint-tools)
  string(TOUPPER ${package} upper)
  foreach(component IN ITEMS ${package} ${package}-debian)
    string(TOUPPER ${component} component_upper)
    set(CPACK_COMPONENT_${component_upper}_GROUP ${package})
    list(APPEND CPACK_COMPONENTS_ALL ${component})
  endforeach()
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
  install(FILES "${PROJECT_SOURCE_DIR}/deploy/debian/copyright" DESTINATION share/doc/${package}
    COMPONENT ${package}-debian EXCLUDE_FROM_ALL)
  # Made by tools/package.sh: the pages of the programs of this package.
  install(DIRECTORY "${PROJECT_BINARY_DIR}/man/${package}/" DESTINATION share/man/man1
    COMPONENT ${package}-debian EXCLUDE_FROM_ALL OPTIONAL)
  if(package STREQUAL "inpaint-tools")
    continue()
  endif()
  set(control)
  set(template "${package}@*.service")  # configure_file would read the @ as its own
  foreach(script IN ITEMS postinst prerm postrm)
    configure_file(debian/${script}.in "${CMAKE_CURRENT_BINARY_DIR}/${package}/${script}" @ONLY)
    list(APPEND control "${CMAKE_CURRENT_BINARY_DIR}/${package}/${script}")
  endforeach()
  configure_file(debian/${package}.conffiles "${CMAKE_CURRENT_BINARY_DIR}/${package}/conffiles" COPYONLY)
  list(APPEND control "${CMAKE_CURRENT_BINARY_DIR}/${package}/conffiles")
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${control}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_STRICT_PERMISSION ON)
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/config/inpaintd.toml" DESTINATION /etc/inpaintd
  COMPONENT inpaintd-debian EXCLUDE_FROM_ALL)
install(FILES debian/gateway.toml DESTINATION /etc/inpaintd COMPONENT inpaint-gateway-debian EXCLUDE_FROM_ALL)
include(CPack)
