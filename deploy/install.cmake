# What `cmake --install` puts where, and the Debian package that CPack makes of it:
#   cpack --config build/release/CPackConfig.cmake
include(GNUInstallDirs)

set(CTI_PAGES ${CMAKE_BINARY_DIR}/package) # what the package has in another form than the tree
install(TARGETS cti RUNTIME)
# Debian wants man pages and changelogs compressed; -n leaves out the time, so that two builds are the same bytes.
install(CODE "
  file(MAKE_DIRECTORY \"${CTI_PAGES}/man\")
  file(GLOB pages \"${CMAKE_BINARY_DIR}/man/*.1\")
  foreach(page \${pages})
    get_filename_component(name \${page} NAME)
    execute_process(COMMAND gzip -9nc \${page} OUTPUT_FILE \"${CTI_PAGES}/man/\${name}.gz\" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  execute_process(COMMAND gzip -9nc \"${CMAKE_SOURCE_DIR}/CHANGELOG.md\" OUTPUT_FILE \"${CTI_PAGES}/changelog.gz\" COMMAND_ERROR_IS_FATAL ANY)
  set(epoch \"\$ENV{SOURCE_DATE_EPOCH}\")
  if(epoch STREQUAL \"\")
    set(epoch 0)
  endif()
  set(ENV{LC_ALL} C)
  execute_process(COMMAND date -u -R -d @\${epoch} OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE \"${CTI_PAGES}/changelog.Debian\"
\"cti (${PROJECT_VERSION}-1) unstable; urgency=medium

  * New upstream release; see changelog.gz.

 -- the cti authors <cti@localhost>  \${date}
\")
  execute_process(COMMAND gzip -9nc \"${CTI_PAGES}/changelog.Debian\" OUTPUT_FILE \"${CTI_PAGES}/changelog.Debian.gz\" COMMAND_ERROR_IS_FATAL ANY)
")
install(DIRECTORY ${CTI_PAGES}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1.gz")
install(FILES ${CTI_PAGES}/changelog.gz ${CTI_PAGES}/changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES completions/cti.bash RENAME cti DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completions/_cti DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES completions/cti.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md sql/roles.sql DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs FILES_MATCHING PATTERN "*.md" PATTERN "decisions" EXCLUDE)
install(FILES deploy/cron.d/cti DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples RENAME cti.cron)
install(FILES config/sources.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/cti)
# What belongs to a whole system only. The units start /usr/bin/cti; they are neither enabled nor started, as they need an
# address first (docs/operate.md). /etc/cti is for that and for the operator's own sources.yaml.
install(CODE "
  if(CMAKE_INSTALL_PREFIX MATCHES \"/usr$\")
    file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/../etc/cti\")
    file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\" TYPE FILE FILES
      \"${CMAKE_SOURCE_DIR}/deploy/systemd/cti-collect.service\" \"${CMAKE_SOURCE_DIR}/deploy/systemd/cti-collect.timer\"
      \"${CMAKE_SOURCE_DIR}/deploy/systemd/cti-backup.service\" \"${CMAKE_SOURCE_DIR}/deploy/systemd/cti-backup.timer\"
      \"${CMAKE_SOURCE_DIR}/deploy/systemd/cti-backup-trial.service\" \"${CMAKE_SOURCE_DIR}/deploy/systemd/cti-backup-trial.timer\"
      \"${CMAKE_SOURCE_DIR}/deploy/systemd/cti-monitor.service\" \"${CMAKE_SOURCE_DIR}/deploy/systemd/cti-worker.service\")
  endif()
")
install(FILES deploy/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME cti)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cti)
set(CPACK_PACKAGE_CONTACT "the cti authors <cti@localhost>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}) # where it is put together, and lies
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# dpkg-shlibdeps finds what is loaded at the start; these are loaded when they are called.
string(JOIN ", " CPACK_DEBIAN_PACKAGE_DEPENDS tzdata ${CTI_LAZY_PACKAGES})
# less shows long texts, xdg-open opens articles in the browser; cti works without both.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, less, xdg-utils")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "age, gpg, postgresql")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "collector of cyber threat intelligence reports")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "cti collects threat reports from feeds and web pages, extracts their text,
indicators and scores, and stores them in PostgreSQL, in the tables that the
CTI Scraper web service reads and writes too.
.
It is run by hand, from cron, by systemd timers or as a monitor with a status
page, and exports to STIX, MISP, ECS, Suricata, Zeek, CSV and JSON.")
include(CPack)
