"""What landscapes are made of: doors for your own, and the pieces that several of them share."""
