"""What is true and what may happen: event types, states, rules. No machinery."""

from domain import (  # noqa: F401 - each module enters its event types into the catalogue
    incident,
    indicator,
    investment,
    localization,
    organization,
    partnership,
    permit,
    rd_center,
    regulation,
    service,
    shipment,
    site,
    statement,
    tender,
    universal,
)
