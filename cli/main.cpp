#include "cli/command.hpp"

int main(int argc, char** argv) { return cti::cli::run(argc, argv); }
