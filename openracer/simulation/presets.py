"""The generations of the simulated car, with constants identified from real logs of each (see ``docs/vehicle.md``)."""

from openracer.language import gettext as _
from openracer.simulation.vehicle import VehiclePreset

V4 = VehiclePreset(
    wheel_speed_gain=1.0286,
    max_wheel_speed_mps=3.5,
    speed_lag_s=0.0099602,
    speed_delay_s=0.011611,
    steering_lag_s=0.57222,
    steering_delay_s=0.00040762,
    steering_jump_gain=1.67,
    steering_jump_limit_rad=0.033427,
    steering_compliance_rad_per_mps2=0.040487,
    mu_longitudinal=0.36882,
    mu_lateral=0.4217,
    slip_scale_longitudinal_mps=0.36126,
    slip_scale_lateral_mps=0.044667,
    slip_coupling=0.0,
    yaw_inertia_per_mass_m2=0.0097881,
    cg_ahead_of_axle_midpoint_m=-0.040502,
    cg_height_m=0.0,
    half_track_m=0.0803,
    steering_offset_rad=0.017604,
)
"""The console's car of 2020 to 2022 (metadata versions 3 and 4): a slow steering servo, soft wheel slip."""

V5 = VehiclePreset(
    wheel_speed_gain=1.0286,
    max_wheel_speed_mps=3.5,
    speed_lag_s=0.0060423,
    speed_delay_s=0.0036775,
    steering_lag_s=0.0021713,
    steering_delay_s=0.0043219,
    steering_jump_gain=0.0,
    steering_jump_limit_rad=0.0,
    steering_compliance_rad_per_mps2=0.020602,
    mu_longitudinal=0.35312,
    mu_lateral=0.32499,
    slip_scale_longitudinal_mps=0.66997,
    slip_scale_lateral_mps=0.043365,
    slip_coupling=0.0,
    yaw_inertia_per_mass_m2=0.013879,
    cg_ahead_of_axle_midpoint_m=0.014251,
    cg_height_m=-0.007229,
    half_track_m=0.0803,
    front_slip_longitudinal_ratio=0.1144,
)
"""DeepRacer-for-Cloud and late console (metadata version 5): immediate steering, strong understeer at speed."""

V6 = VehiclePreset(
    wheel_speed_gain=1.0286,
    max_wheel_speed_mps=4.0,
    speed_lag_s=0.006559,
    speed_delay_s=0.012792,
    steering_lag_s=0.14505,
    steering_delay_s=0.016538,
    steering_jump_gain=0.0,
    steering_jump_limit_rad=0.0,
    steering_compliance_rad_per_mps2=-0.001345,
    mu_longitudinal=1.2482,
    mu_lateral=1.7397,
    slip_scale_longitudinal_mps=0.03423,
    slip_scale_lateral_mps=0.092386,
    slip_coupling=0.67753,
    yaw_inertia_per_mass_m2=0.012304,
    cg_ahead_of_axle_midpoint_m=-0.0075505,
    cg_height_m=0.0023111,
    half_track_m=0.0803,
)
"""DeepRacer on AWS since 2025 (Gazebo Harmonic): much grip, 0.15 s steering lag; unverified above 2.5 m/s."""

PRESETS = {"v4": V4, "v5": V5, "v6": V6}


def find_preset(name: str) -> VehiclePreset:
    """The preset of that name.

    Raises:
        ValueError: there is none.
    """
    if name not in PRESETS:
        message = _("vehicle is {name!r}; it must be one of {known}")
        raise ValueError(message.format(name=name, known=", ".join(PRESETS)))
    return PRESETS[name]
