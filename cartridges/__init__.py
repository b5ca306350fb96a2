"""The open format of themes: specification, checks, packages, signatures, conformance suite.

This package stands alone: it knows neither the services nor the command line, and both
use it, so that an author reads the same verdict at her desk and from an installation.
"""

MACHINE = "1.0.0"  # the edition of the standard operation that this installation is
