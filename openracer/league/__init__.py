"""The rules of racing leagues: races, rankings, seasons and finals, computed from laps that were driven."""
