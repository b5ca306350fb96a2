"""Who was shown, who got something, and how evenly: audits of a window, kept as they were."""
