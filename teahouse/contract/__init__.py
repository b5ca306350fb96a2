"""``teahouse contract``: share contracts written and tried at the desk."""
