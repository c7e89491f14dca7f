drop table model_outages;
--> statement-breakpoint
drop table upstream_health;
